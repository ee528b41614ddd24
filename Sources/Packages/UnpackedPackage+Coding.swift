// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// The form in which an unpacked package is kept in the store: compact and quick to read, since a build without changes
/// reads one for every package. It is rebuilt from the package file whenever it cannot be read.
extension UnpackedPackage {
    private static let magic = "basalt-unpacked-1\n"

    /// Bytes; `init(decoding:)` is the inverse.
    package var encoded: [UInt8] {
        var out = CompactWriter(Self.magic)
        out.bytes(archive.bytes)
        out.integer(control.count)
        for (name, value) in control.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            out.bytes(Array(name.utf8))
            out.bytes(value)
        }
        out.integer(nodes.count)
        for node in nodes {
            out.bytes(node.path.bytes)
            out.integer(Int(node.mode))
            out.integer(node.uid)
            out.integer(node.gid)
            out.integer(node.mtime)
            out.integer(node.xattrs.count)
            for (name, value) in node.xattrs.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                out.bytes(Array(name.utf8))
                out.bytes(value)
            }
            switch node.kind {
            case .directory: out.integer(0)
            case .file(let content):
                out.integer(1)
                out.bytes(content.sha256.bytes)
                out.bytes(content.sha1?.bytes ?? [])
                out.integer(content.size)
                guard case .payload(_, let offset) = content.place else { preconditionFailure("not a package's file") }
                out.integer(offset)
            case .symlink(let target):
                out.integer(2)
                out.bytes(target)
            case .hardLink(let target):
                out.integer(3)
                out.bytes(target.bytes)
            }
        }
        return out.out
    }

    /// Nil when the bytes are not what `encoded` makes: cut short, or of another version.
    package init?(decoding bytes: [UInt8]) {
        var input = CompactReader(bytes, Self.magic)
        guard let digest = input.bytes(), let archive = Digest(.sha256, bytes: digest), let members = input.count()
        else { return nil }
        var control: [String: [UInt8]] = [:]
        for _ in 0..<members {
            guard let name = input.bytes(), let value = input.bytes() else { return nil }
            control[String(decoding: name, as: UTF8.self)] = value
        }
        guard let count = input.count() else { return nil }
        var nodes: [Node] = []
        nodes.reserveCapacity(count)
        let origin = Origin.package("")
        for _ in 0..<count {
            guard let path = input.bytes(), let mode = input.integer(), let uid = input.integer(),
                let gid = input.integer(), let mtime = input.integer(), let attributes = input.count()
            else { return nil }
            var xattrs: [String: [UInt8]] = [:]
            for _ in 0..<attributes {
                guard let name = input.bytes(), let value = input.bytes() else { return nil }
                xattrs[String(decoding: name, as: UTF8.self)] = value
            }
            let kind: Node.Kind
            switch input.integer() {
            case 0: kind = .directory
            case 1:
                guard let hash = input.bytes(), let sha256 = Digest(.sha256, bytes: hash), let short = input.bytes(),
                    let size = input.integer(), let offset = input.integer()
                else { return nil }
                kind = .file(
                    FileContent(
                        sha256: sha256,
                        sha1: Digest(.sha1, bytes: short),
                        size: size,
                        place: .payload(package: archive, offset: offset)
                    )
                )
            case 2:
                guard let target = input.bytes() else { return nil }
                kind = .symlink(target)
            case 3:
                guard let target = input.bytes() else { return nil }
                kind = .hardLink(TreePath(unchecked: target))
            default: return nil
            }
            nodes.append(
                Node(
                    TreePath(unchecked: path),
                    kind,
                    mode: UInt16(truncatingIfNeeded: mode),
                    uid: uid,
                    gid: gid,
                    mtime: mtime,
                    xattrs: xattrs,
                    origin: origin
                )
            )
        }
        guard input.isAtEnd else { return nil }
        self.init(archive: archive, nodes: nodes, control: control)
    }
}
