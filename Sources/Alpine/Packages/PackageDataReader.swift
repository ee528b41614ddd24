// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import FileTree
internal import Packages

/// Reads a package's data stream: checks every entry and hands the files' bytes on.
struct PackageDataReader {
    private(set) var records: [FileRecord] = []
    private let produce: ArchiveReader.Producer
    private let name: String
    private let origin: Origin
    private let archive: Digest
    /// Regular files so far, for hard links: path to record.
    private var files: [TreePath: Int] = [:]

    /// - Parameter produce: gives the archive's decompressed bytes, block by block.
    init(name: String, package: String, archive: Digest, producer produce: @escaping ArchiveReader.Producer) {
        self.produce = produce
        self.name = name
        self.origin = .package(package)
        self.archive = archive
    }

    mutating func read(into sink: any PayloadSink) throws -> [Node] {
        let checksums = PaxChecksums()
        let produce = produce
        let reader = try ArchiveReader(
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: PackageFile.maximalEntries, total: PackageFile.maximalData),
            producer: {
                let block = try produce()
                checksums.feed(block)
                return block
            }
        )
        var nodes: [Node] = []
        while let entry = try reader.next() {
            let stated = checksums.next()
            // As apk does, names that begin with a dot are no part of the data.
            if entry.path.first == UInt8(ascii: ".") && !entry.path.starts(with: [0x2E, 0x2F])
                && !entry.path.starts(with: [0x2E, 0x2E])
            {
                continue
            }
            let path = try self.path(entry.path)
            if path.isRoot { continue }
            var record = FileRecord(
                checksum: nil,
                userName: try owner(entry.userName),
                groupName: try owner(entry.groupName)
            )
            let kind = try self.kind(of: entry, at: path, reader: reader, sink: sink, record: &record)
            if let stated, let checksum = record.checksum, stated != checksum, stated.algorithm == .sha1 {
                throw AlpineError(
                    .checksumMismatch,
                    name,
                    "'\(path)' has the SHA-1 \(checksum.hex), and the archive says \(stated.hex)"
                )
            }
            nodes.append(
                Node(
                    path,
                    kind,
                    mode: kind.isLink ? 0o777 : entry.mode,
                    uid: entry.uid,
                    gid: entry.gid,
                    mtime: entry.mtime,
                    xattrs: entry.xattrs,
                    origin: origin
                )
            )
            records.append(record)
        }
        return nodes
    }

    private func path(_ raw: [UInt8]) throws -> TreePath {
        if raw.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw AlpineError(
                .unsafeEntry,
                name,
                "a path has a control character: '\(String(decoding: raw, as: UTF8.self))'"
            )
        }
        if raw.first == 0x2F {
            throw AlpineError(.unsafeEntry, name, "'\(String(decoding: raw, as: UTF8.self))' is an absolute path")
        }
        do {
            return try TreePath(raw)
        } catch {
            throw AlpineError(.unsafeEntry, name, error.message)
        }
    }

    private func owner(_ text: String) throws -> String {
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: ":") }) {
            throw AlpineError(.unsafeEntry, name, "'\(text)' is no user or group name")
        }
        return text
    }

    private mutating func kind(
        of entry: ArchiveEntry,
        at path: TreePath,
        reader: ArchiveReader,
        sink: any PayloadSink,
        record: inout FileRecord
    ) throws -> Node.Kind {
        switch entry.kind {
        case .directory: return .directory
        case .symlink(let target):
            if target.isEmpty || target.count > 4095 || target.contains(0) {
                throw AlpineError(.unsafeEntry, name, "the link '\(path)' has no usable target")
            }
            record.checksum = .of(target, .sha1)
            return .symlink(target)
        case .hardLink(let raw):
            let target = try self.path(raw)
            guard let first = files[target] else {
                throw AlpineError(
                    .unsafeEntry,
                    name,
                    "'\(path)' is a hard link to '\(target)', which is no file before it in the package"
                )
            }
            record.checksum = records[first].checksum
            files[path] = first
            return .hardLink(target)
        case .file:
            let hasher = Hasher(.sha1)
            var count = 0
            try reader.readData { block in
                hasher.update(block)
                count += block.count
                try sink.write(block)
            }
            guard count == entry.size else {
                throw AlpineError(.truncated, name, "'\(path)' has \(count) bytes, and its header says \(entry.size)")
            }
            record.checksum = hasher.finish()
            files[path] = records.count
            return .file(try sink.finishFile())
        case .characterDevice, .blockDevice, .fifo, .socket:
            throw AlpineError(.unsafeEntry, name, "'\(path)' is a device, a FIFO or a socket, which no image may have")
        }
    }
}

extension Node.Kind {
    fileprivate var isLink: Bool { if case .symlink = self { true } else { false } }
}
