// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Executables
internal import FileTree
internal import Packages
internal import Standards

/// What the standards want to know of every file of one package, by the file's SHA-256.
struct PackageFacts: Sendable {
    struct Entry: Hashable, Sendable {
        var facts: FileFacts
        /// Under the algorithm of the ecosystem's package database.
        var checksum: Digest
    }

    private var entries: [Digest: Entry] = [:]

    subscript(content: FileContent) -> Entry? { entries[content.sha256] }

    /// Reads every file of a package once.
    init(of package: UnpackedPackage, checksum: Digest.Algorithm, in contents: any ContentSource) throws {
        for node in package.nodes {
            guard let content = node.content, entries[content.sha256] == nil else { continue }
            entries[content.sha256] = Entry(
                facts: try FileFacts(of: content, in: contents),
                checksum: try ComputedFacts.checksum(checksum, of: content, in: contents)
            )
        }
    }
}

// MARK: - In the store

extension PackageFacts {
    private static let magic = "basalt-facts\n"

    /// Bytes; `init(decoding:checksum:)` is the inverse.
    var encoded: [UInt8] {
        var out = CompactWriter(Self.magic)
        out.integer(entries.count)
        for (digest, entry) in entries.sorted(by: { $0.key < $1.key }) {
            out.bytes(digest.bytes)
            out.bytes(entry.checksum.bytes)
            out.integer(entry.facts.holdsPrivateKey ? 1 : 0)
            out.write(entry.facts.executable)
        }
        return out.out
    }

    /// Nil when the bytes are not what `encoded` makes.
    init?(decoding bytes: [UInt8], checksum algorithm: Digest.Algorithm) {
        var input = CompactReader(bytes, Self.magic)
        guard let count = input.count() else { return nil }
        entries.reserveCapacity(count)
        for _ in 0..<count {
            guard let sha256 = input.bytes().flatMap({ Digest(.sha256, bytes: $0) }),
                let checksum = input.bytes().flatMap({ Digest(algorithm, bytes: $0) }),
                let holdsPrivateKey = input.integer(), let executable = input.executable()
            else { return nil }
            entries[sha256] = Entry(
                facts: FileFacts(executable: executable, holdsPrivateKey: holdsPrivateKey == 1),
                checksum: checksum
            )
        }
        guard input.isAtEnd else { return nil }
    }
}

extension CompactWriter {
    fileprivate mutating func write(_ file: ELFFile?) {
        guard let file else { return integer(0) }
        integer(1 | (file.is64Bit ? 2 : 0) | (file.isLittleEndian ? 4 : 0) | (file.isDynamic ? 8 : 0))
        integer(file.kind.map { Int($0.rawValue) } ?? -1)
        integer(Int(file.machine))
        texts(file.interpreter.map { [$0] } ?? [])
        texts(file.soname.map { [$0] } ?? [])
        texts(file.needed)
        texts(file.rpath)
        texts(file.runpath)
    }

    private mutating func texts(_ values: [String]) {
        integer(values.count)
        for value in values { bytes(Array(value.utf8)) }
    }
}

extension CompactReader {
    /// Nil when it cannot be read, and nil within for what is no ELF file.
    fileprivate mutating func executable() -> ELFFile?? {
        guard let flags = integer() else { return nil }
        if flags == 0 { return .some(nil) }
        guard let kind = integer(), let machine = integer().flatMap({ UInt16(exactly: $0) }),
            let interpreter = texts(), let soname = texts(), let needed = texts(), let rpath = texts(),
            let runpath = texts()
        else { return nil }
        return ELFFile(
            kind: UInt16(exactly: kind).flatMap { ELFFile.Kind(rawValue: $0) },
            machine: machine,
            is64Bit: flags & 2 != 0,
            isLittleEndian: flags & 4 != 0,
            interpreter: interpreter.first,
            isDynamic: flags & 8 != 0,
            soname: soname.first,
            needed: needed,
            rpath: rpath,
            runpath: runpath
        )
    }

    private mutating func texts() -> [String]? {
        guard let count = count() else { return nil }
        var values: [String] = []
        for _ in 0..<count {
            guard let bytes = bytes() else { return nil }
            values.append(String(decoding: bytes, as: UTF8.self))
        }
        return values
    }
}
