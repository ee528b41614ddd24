// SPDX-License-Identifier: Apache-2.0

internal import Fetching
internal import FileTree
internal import Foundation
internal import Glibc
internal import Standards

/// An image's tree as a directory that a container can have as its root; gone with the last reference.
///
/// Paths come from a `Tree`, whose every directory is a real one: no link is ever followed while it is written. Device files do
/// not exist in a tree. Owners are set as root only; otherwise everything belongs to whoever runs this.
final class RootDirectory: @unchecked Sendable {
    /// The directory of the container, in which the root and the configuration lie.
    let bundle: String
    var path: String { bundle + "/rootfs" }

    static let limit = 16 << 30

    init(_ image: TestedImage) throws {
        bundle = FileManager.default.temporaryDirectory.path + "/basalt-test-" + UUID().uuidString
        guard mkdir(bundle, 0o711) == 0 else { throw ContainerError.system("make", bundle) }
        do { try write(image) } catch {
            Self.remove(bundle)
            throw error
        }
    }

    deinit { Self.remove(bundle) }

    private func write(_ image: TestedImage) throws {
        let isRoot = Privilege.current == .everyUser
        guard mkdir(path, 0o755) == 0 else { throw ContainerError.system("make", path) }
        let total = image.nodes.reduce(0) { $0 + (image.content(of: $1)?.size ?? 0) }
        guard total <= Self.limit else {
            throw ContainerError(
                "too-large",
                "the image's files have \(total) bytes, more than are unpacked for a test"
            )
        }
        var directories: [(path: String, mode: UInt16)] = []
        for node in image.nodes {
            let place = path + "/" + String(decoding: node.path.bytes, as: UTF8.self)
            switch node.kind {
            case .directory:
                guard mkdir(place, 0o700) == 0 else { throw ContainerError.system("make", place) }
                directories.append((place, node.mode))
            case .symlink(let target):
                guard symlink(String(decoding: target, as: UTF8.self), place) == 0 else {
                    throw ContainerError.system("make", place)
                }
            case .file, .hardLink:
                guard let content = image.content(of: node) else { continue }
                let file = try OpenFile.creating(place)
                for start in stride(from: 0, to: content.size, by: 1 << 20) {
                    let end = min(content.size, start + 1 << 20)
                    try file.write(image.contents.read(content, range: start..<end))
                }
            }
            if isRoot, lchown(place, uid_t(node.uid), gid_t(node.gid)) != 0 {
                throw ContainerError.system("change the owner of", place)
            }
            // After the owner, which takes setuid bits away; a test needs none.
            if case .directory = node.kind { continue }
            if node.symlinkTarget == nil { chmod(place, mode_t(node.mode & 0o1777)) }
        }
        // Last and innermost first, since one may be closed to its owner.
        for (place, mode) in directories.reversed() { chmod(place, mode_t(mode & 0o1777)) }
    }

    /// Makes a mount point or file for the container, where there is none.
    func touch(_ name: String) throws {
        let place = path + "/" + name
        if Files.exists(place) { return }
        _ = try OpenFile.creating(place)
    }

    func makeDirectory(_ name: String) throws {
        let place = path + "/" + name
        if let status = FileStatus(ofLink: place) {
            guard status.isDirectory else { throw ContainerError("bad-root", "the image's /\(name) is no directory") }
            return
        }
        guard mkdir(place, 0o755) == 0 else { throw ContainerError.system("make", place) }
    }

    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        chmod(path, 0o700)
        for name in Files.names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
