// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import FileTree
internal import Packages

/// Reads a package's data stream: checks every entry and hands the files' bytes on.
struct PackageDataReader {
    private(set) var records: [FileRecord] = []
    private let bytes: [UInt8]
    private let name: String
    private let origin: Origin
    private let archive: Digest
    /// Regular files so far, for hard links: path to record.
    private var files: [TreePath: Int] = [:]

    init(_ bytes: [UInt8], name: String, package: String, archive: Digest) throws {
        self.bytes = bytes
        self.name = name
        self.origin = .package(package)
        self.archive = archive
    }

    mutating func read(into sink: any PayloadSink) throws -> [Node] {
        let reader = try ArchiveReader(
            bytes: bytes,
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: PackageFile.maximalEntries, total: PackageFile.maximalData)
        )
        var checksums = PaxChecksums(bytes)
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

/// The checksums that abuild-tar writes beside each entry, as pax records `APK-TOOLS.checksum.SHA1`; libarchive does not
/// hand unknown records on.
struct PaxChecksums {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The checksum of the next entry; nil where it has none, or at the end.
    mutating func next() -> Digest? {
        var found: Digest?
        while position + 512 <= bytes.count {
            guard let size = octal(position + 124, 12), size >= 0, size <= bytes.count - position - 512 else {
                return nil
            }
            let type = bytes[position + 156]
            let isEnd = bytes[position] == 0
            if isEnd { return nil }
            let content = (position + 512)..<(position + 512 + size)
            position += 512 + (size + 511) / 512 * 512
            switch type {
            case UInt8(ascii: "x"): found = checksum(in: bytes[content]) ?? found
            case UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"): continue
            default: return found
            }
        }
        return nil
    }

    private func octal(_ start: Int, _ count: Int) -> Int? {
        var value = 0
        // The base-256 form is for sizes beyond 8 GiB, which are refused anyway.
        if bytes[start] & 0x80 != 0 { return nil }
        for byte in bytes[start..<(start + count)] {
            if byte == 0x20 || byte == 0 { continue }
            guard (0x30...0x37).contains(byte) else { return nil }
            value = value << 3 | Int(byte - 0x30)
        }
        return value
    }

    /// Reads `length key=value\n` records.
    private func checksum(in records: ArraySlice<UInt8>) -> Digest? {
        let key = Array("APK-TOOLS.checksum.SHA1=".utf8)
        var index = records.startIndex
        while index < records.endIndex {
            guard let blank = records[index...].firstIndex(of: 0x20),
                let length = Int(String(decoding: records[index..<blank], as: UTF8.self)), length > blank - index,
                length <= records.endIndex - index
            else { return nil }
            let content = records[(blank + 1)..<(index + length)]
            if content.starts(with: key) {
                let value = content.dropFirst(key.count).prefix { $0 != 0x0A }
                return Digest(.sha1, hex: String(decoding: value, as: UTF8.self))
            }
            index += length
        }
        return nil
    }
}
