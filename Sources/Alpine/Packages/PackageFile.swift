// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
internal import Diagnostics
internal import FileTree
internal import Foundation
internal import Packages

/// Reads an APKv2 package: signatures, control and data, three gzip members of one tar.
///
/// The chain that is checked here: the control stream names the SHA-256 of the data stream, and every file's own checksum
/// is compared where the archive has one. Who vouches for the control stream (its signature, its checksum in the signed
/// index) is judged when the package is installed, where index and keys are at hand.
///
/// The data stream is never in memory as a whole: its files go to the sink while it is hashed. What the sink got is worth
/// something only when `unpack` returns.
struct PackageFile {
    /// More than any package of any distribution; what is larger is refused.
    static let maximalData = 4 << 30
    static let maximalControl = 8 << 20
    static let maximalEntries = 500_000

    let name: String
    let archive: Digest
    private let reader: GzipMemberReader
    private let head: SignedStream
    private let info: PackageInfo
    private let control: [String: [UInt8]]

    /// Reads signatures and control stream.
    ///
    /// - Throws: `truncated`, `unsupported-format`, `malformed-package`, `too-large`.
    init(path: String, archive: Digest) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        self.name = name
        self.archive = archive
        let first: [UInt8]
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            first = Array(try file.read(upToCount: 4) ?? Data())
        } catch {
            throw AlpineError(.malformedPackage, name, "it can't be read: \(error.localizedDescription)")
        }
        try SignedStream.check(first, name: name, malformed: .malformedPackage)
        (reader, head) = try SignedStream.translating(name, .malformedPackage) {
            let reader = try GzipMemberReader(path: path, name: name, limit: Self.maximalData)
            return (
                reader,
                try SignedStream(reader, name: name, limit: Self.maximalControl, malformed: .malformedPackage)
            )
        }
        guard head.isComplete else {
            throw AlpineError(.tooLarge, name, "its control stream expands to more than \(Self.maximalControl) bytes")
        }
        control = try SignedStream.translating(name, .malformedPackage) { [head] in
            try Self.control(in: head.content, name: name)
        }
        guard let text = control[".PKGINFO"] else {
            throw AlpineError(.malformedPackage, name, "it has no .PKGINFO")
        }
        info = PackageInfo(text)
    }

    /// - Throws: `data-hash-mismatch`, `unsafe-entry`, `checksum-mismatch`, `truncated`, `too-large`, `malformed-package`.
    func unpack(into sink: any PayloadSink) throws -> UnpackedPackage {
        guard let package = info.name, info.version != nil else {
            throw AlpineError(.malformedPackage, name, "it has no .PKGINFO with a name and a version")
        }
        let wanted = try dataHash()
        return try SignedStream.translating(name, .malformedPackage) {
            let hasher = Hasher()
            guard try reader.nextMember(observing: { hasher.update($0) }) else {
                throw AlpineError(.truncated, name, "it ends after its control stream")
            }
            let reader = reader
            var data = PackageDataReader(name: name, package: package, archive: archive) { try reader.read() }
            let nodes: [Node]
            do {
                nodes = try data.read(into: sink)
            } catch {
                // Where the bytes are not those that were signed, that is what there is to say.
                try finish(hasher, wanted)
                throw error
            }
            try finish(hasher, wanted)
            var members = control
            members[FileRecord.member] = data.records.flatMap { Array($0.line.utf8) }
            members[FileRecord.controlStream] = head.compressed
            for signature in head.signatures { members[Self.member(of: signature)] = signature.bytes }
            return UnpackedPackage(archive: archive, nodes: nodes, control: members)
        }
    }

    /// - Throws: `checksum-mismatch` when this is not the package of the index, and the errors of the data stream.
    func verify(is package: Package) throws {
        guard let wanted = package.checksum.flatMap({ Checksum($0) }) else {
            throw AlpineError(.checksumMismatch, name, "the index has no checksum for it")
        }
        let found = Checksum(.of(head.compressed, wanted.digest.algorithm))
        guard found == wanted else { throw InstalledApk.mismatch(name, found: found, wanted: wanted) }
        let dataHash = try dataHash()
        try SignedStream.translating(name, .malformedPackage) {
            let hasher = Hasher()
            guard try reader.nextMember(observing: { hasher.update($0) }) else {
                throw AlpineError(.truncated, name, "it ends after its control stream")
            }
            try finish(hasher, dataHash)
        }
    }

    private func dataHash() throws(AlpineError) -> Digest {
        guard let wanted = info.dataHash.flatMap({ Digest(.sha256, hex: $0) }) else {
            throw AlpineError(.malformedPackage, name, "its .PKGINFO has no datahash")
        }
        return wanted
    }

    /// Reads the data stream to its end, which must be the file's, and compares its hash.
    private func finish(_ hasher: Hasher, _ wanted: Digest) throws {
        try reader.skip()
        let found = hasher.finish()
        guard found == wanted else {
            throw AlpineError(
                .dataMismatch,
                name,
                "its data stream has the SHA-256 \(found.hex), and its control stream says \(wanted.hex)",
                hint: "fetch it again; if it stays so, the file was changed after it was signed"
            )
        }
        if try reader.nextMember() {
            throw AlpineError(.malformedPackage, name, "it has more than two streams after its signatures")
        }
    }

    /// The name under which a signature is kept among the control members: its own in the archive.
    static func member(of signature: SignedStream.Signature) -> String {
        let kind =
            switch signature.digest {
            case .sha512: "RSA512"
            case .sha256: "RSA256"
            default: "RSA"
            }
        return ".SIGN.\(kind).\(signature.key)"
    }

    private static func control(in tar: [UInt8], name: String) throws -> [String: [UInt8]] {
        let reader = try ArchiveReader(
            bytes: tar,
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: 64, total: maximalControl)
        )
        var out: [String: [UInt8]] = [:]
        while let entry = try reader.next() {
            let path = String(decoding: entry.path, as: UTF8.self)
            guard path.hasPrefix("."), !path.contains("/"), entry.kind == .file else {
                throw AlpineError(.malformedPackage, name, "its control stream has the entry '\(path)'")
            }
            guard out[path] == nil, path != FileRecord.member, path != FileRecord.controlStream else {
                throw AlpineError(.malformedPackage, name, "its control stream has '\(path)' twice or may not have it")
            }
            out[path] = try reader.data(limit: maximalControl)
        }
        return out
    }
}
