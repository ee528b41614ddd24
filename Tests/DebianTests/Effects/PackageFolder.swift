// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import FileTree
import Foundation
import Packages

/// Keeps the bytes of files in memory.
final class MemorySink: PayloadSink {
    private var bytes: [UInt8] = []

    func write(_ part: UnsafeRawBufferPointer) throws { bytes += part }

    func finishFile() throws -> FileContent {
        defer { bytes = [] }
        return FileContent(bytes)
    }
}

/// Package files of a directory, unpacked.
enum PackageFolder {
    /// Reads the `.deb` files at these paths, as installed packages.
    static func install(_ paths: [String]) throws -> [InstalledPackage] {
        try paths.map { path in
            let digest = Digest.of(Array(try Data(contentsOf: URL(filePath: path))))
            let unpacked = try DebReader.read(path, archive: digest, into: MemorySink())
            let control = try ControlStanza(parsing: unpacked.control["control"] ?? [], package: path)
            return InstalledPackage(package: package(control, digest, path), contents: unpacked)
        }
    }

    static func package(_ control: ControlStanza, _ digest: Digest?, _ path: String) -> Package {
        Package(
            name: control.name, version: control.version, architecture: control.architecture,
            source: .init(name: control.name, version: control.version), sha256: digest, size: 0, installedSize: 0,
            path: path, repository: "debian")
    }
}

/// One line a path: what stands there, in a form that a script can compare with a real tree.
enum TreeDump {
    static func lines(_ tree: Tree) -> [String] {
        tree.sorted.map { node in
            let attributes = "\(String(node.mode, radix: 8)) \(node.uid) \(node.gid)"
            switch node.kind {
            case .directory: return "\(node.path) d \(attributes) - \(node.origin)"
            case .file(let content): return "\(node.path) f \(attributes) \(content.sha256.hex) \(node.origin)"
            case .symlink(let target):
                return "\(node.path) l \(attributes) \(String(decoding: target, as: UTF8.self)) \(node.origin)"
            case .hardLink(let target):
                let content = tree[target]?.content?.sha256.hex ?? "?"
                return "\(node.path) f \(attributes) \(content) \(node.origin)"
            }
        }
    }
}
