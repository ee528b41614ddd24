// SPDX-License-Identifier: Apache-2.0

package import Archives
package import Cryptography
internal import FileTree
package import Packages

/// Reads a `.deb` (deb(5), format 2.0): an ar archive of `debian-binary`, `control.tar.*` and `data.tar.*`.
package enum DebReader {
    /// A control member larger than this is no control member; the largest in Debian is under 2 MiB (`md5sums`).
    private static let controlLimit = 64 << 20

    /// Decodes the file at `path`, whose digest `archive` has been checked. File bytes go to `sink` in archive order.
    ///
    /// - Throws: `DebError` for what no package may hold (devices, paths that climb out, a foreign format),
    ///   `ArchiveError` for broken archives.
    package static func read(
        _ path: String,
        archive: Digest,
        into sink: any PayloadSink,
        limits: ArchiveLimits = ArchiveLimits()
    ) throws -> UnpackedPackage {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let outer = try ArchiveReader(path: path, format: .ar)
        var control: [String: [UInt8]]?
        var nodes: [Node]?
        var isFirst = true
        while let member = try outer.next() {
            let member = String(decoding: member.path, as: UTF8.self)
            if isFirst {
                guard member == "debian-binary" else {
                    throw DebError(.format, file: name, detail: "its first member is '\(member)'")
                }
                let version = try outer.data(limit: 1024)
                guard version.starts(with: Array("2.".utf8)) else {
                    let text = String(decoding: version.prefix(8), as: UTF8.self)
                    throw DebError(.format, file: name, detail: "its format version is '\(text)', not 2.x")
                }
                isFirst = false
            } else if member == "control.tar" || member.hasPrefix("control.tar.") {
                guard control == nil else { throw DebError(.format, file: name, detail: "it has two control members") }
                let inner = try ArchiveReader(memberOf: outer, name: "\(member) of \(name)", format: .tar)
                control = try readControl(inner, file: name)
            } else if member == "data.tar" || member.hasPrefix("data.tar.") {
                guard control != nil, nodes == nil else {
                    throw DebError(.format, file: name, detail: "its members are out of order")
                }
                let inner = try ArchiveReader(
                    memberOf: outer,
                    name: "\(member) of \(name)",
                    format: .tar,
                    limits: limits
                )
                nodes = try readData(inner, file: name, into: sink)
            } else if !member.hasPrefix("_") {
                // deb(5): unknown members whose name starts with an underscore may be ignored, no others.
                throw DebError(.format, file: name, detail: "it has an unknown member '\(member)'")
            }
        }
        guard let control, let nodes else {
            throw DebError(.format, file: name, detail: "it has no control or no data member")
        }
        guard control["control"] != nil else { throw DebError(.format, file: name, detail: "it has no control file") }
        return UnpackedPackage(archive: archive, nodes: nodes, control: control)
    }

    private static func readControl(_ reader: ArchiveReader, file: String) throws -> [String: [UInt8]] {
        var control: [String: [UInt8]] = [:]
        while let entry = try reader.next() {
            guard entry.kind == .file else { continue }
            let path = try TreePath(entry.path)
            guard path.parent == .root else {
                throw DebError(.unsafe, file: file, detail: "control member '\(path)' lies in a directory")
            }
            control[path.description] = try reader.data(limit: controlLimit)
        }
        return control
    }

    private static func readData(
        _ reader: ArchiveReader,
        file: String,
        into sink: any PayloadSink
    ) throws -> [Node] {
        var nodes: [Node] = []
        // The real origin is known when the package is installed under its database name.
        let origin = Origin.package("")
        while let entry = try reader.next() {
            let path: TreePath
            do {
                path = try TreePath(entry.path)
            } catch {
                throw DebError(.unsafe, file: file, detail: error.message)
            }
            let kind: Node.Kind
            switch entry.kind {
            case .directory: kind = .directory
            case .file:
                var received = 0
                try reader.readData { block in
                    received += block.count
                    try sink.write(block)
                }
                guard received == entry.size else {
                    throw DebError(
                        .unsafe,
                        file: file,
                        detail: "'\(path)' claims \(entry.size) bytes and holds \(received)"
                    )
                }
                kind = .file(try sink.finishFile())
            case .symlink(let target):
                guard !target.isEmpty else {
                    throw DebError(.unsafe, file: file, detail: "the link '\(path)' is empty")
                }
                kind = .symlink(target)
            case .hardLink(let target):
                do {
                    kind = .hardLink(try TreePath(target))
                } catch {
                    throw DebError(.unsafe, file: file, detail: "the hard link '\(path)': \(error.message)")
                }
            case .characterDevice, .blockDevice, .fifo, .socket:
                throw DebError(.unsafe, file: file, detail: "'\(path)' is a device, a FIFO or a socket")
            }
            if path.isRoot { continue }
            nodes.append(
                Node(
                    path,
                    kind,
                    mode: entry.isLink ? 0o777 : entry.mode,
                    uid: entry.uid,
                    gid: entry.gid,
                    mtime: entry.mtime,
                    xattrs: entry.xattrs.filter { $0.key == "security.capability" },
                    origin: origin
                )
            )
        }
        try checkLinks(nodes, file: file)
        return nodes
    }

    /// Refuses a package that writes through a symbolic link of its own (to leave the tree in a naive unpacker), and hard
    /// links to what it does not ship.
    private static func checkLinks(_ nodes: [Node], file: String) throws {
        var links: Set<TreePath> = []
        var files: Set<TreePath> = []
        for node in nodes {
            if node.symlinkTarget != nil { links.insert(node.path) }
            if node.content != nil { files.insert(node.path) }
        }
        for node in nodes {
            if let link = node.path.ancestors.first(where: links.contains) {
                throw DebError(.unsafe, file: file, detail: "it ships '\(node.path)' below its own link '\(link)'")
            }
            if case .hardLink(let target) = node.kind, !files.contains(target) {
                throw DebError(
                    .unsafe,
                    file: file,
                    detail: "'\(node.path)' is a hard link to '\(target)', which it does not ship"
                )
            }
        }
    }
}

extension ArchiveEntry {
    fileprivate var isLink: Bool { if case .symlink = kind { true } else { false } }
}
