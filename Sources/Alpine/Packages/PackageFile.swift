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
struct PackageFile {
    /// More than any package of any distribution; what is larger is refused.
    static let maximalData = 4 << 30
    static let maximalControl = 8 << 20
    static let maximalEntries = 500_000

    let name: String
    let archive: Digest
    private let control: GzipMembers.Member
    private let data: GzipMembers.Member
    private let dataHash: Digest
    private let stream: SignedStream
    private let controlBytes: [UInt8]

    /// - Throws: `truncated`, `unsupported-format`, `malformed-package`, `data-hash-mismatch`.
    init(path: String, archive: Digest) throws {
        name = path.split(separator: "/").last.map(String.init) ?? path
        self.archive = archive
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe))
        } catch {
            throw AlpineError(.malformedPackage, name, "it can't be read: \(error.localizedDescription)")
        }
        stream = try SignedStream(bytes, name: name, limit: Self.maximalData, malformed: .malformedPackage)
        guard stream.members.count >= 2 else {
            throw AlpineError(.truncated, name, "it ends after its control stream")
        }
        guard stream.members.count == 2 else {
            throw AlpineError(
                .malformedPackage,
                name,
                "it has \(stream.members.count) streams after its signatures, and not two"
            )
        }
        control = stream.members[0]
        data = stream.members[1]
        guard control.data.count <= Self.maximalControl else {
            throw AlpineError(.tooLarge, name, "its control stream expands to more than \(Self.maximalControl) bytes")
        }
        controlBytes = Array(bytes[control.range])
        let hasher = Hasher()
        hasher.update(bytes[data.range])
        dataHash = hasher.finish()
    }

    func unpack(into sink: any PayloadSink) throws -> UnpackedPackage {
        var members = try readControl()
        guard let info = members[".PKGINFO"].map({ PackageInfo($0) }), info.name != nil, info.version != nil else {
            throw AlpineError(.malformedPackage, name, "it has no .PKGINFO with a name and a version")
        }
        try checkData(info)
        var reader = try PackageDataReader(data.data, name: name, package: info.name ?? "", archive: archive)
        let nodes = try reader.read(into: sink)
        members[FileRecord.member] = reader.records.flatMap { Array($0.line.utf8) }
        members[FileRecord.controlStream] = controlBytes
        for signature in stream.signatures { members[Self.member(of: signature)] = signature.bytes }
        return UnpackedPackage(archive: archive, nodes: nodes, control: members)
    }

    /// - Throws: `checksum-mismatch` when this is not the package of the index, `data-hash-mismatch`, `malformed-package`.
    func verify(is package: Package) throws {
        guard let wanted = package.checksum.flatMap({ Checksum($0) }) else {
            throw AlpineError(.checksumMismatch, name, "the index has no checksum for it")
        }
        let found = Checksum(.of(controlBytes, wanted.digest.algorithm))
        guard found == wanted else { throw InstalledApk.mismatch(name, found: found, wanted: wanted) }
        try checkData(PackageInfo(try readControl()[".PKGINFO"] ?? []))
    }

    private func checkData(_ info: PackageInfo) throws(AlpineError) {
        guard let wanted = info.dataHash.flatMap({ Digest(.sha256, hex: $0) }) else {
            throw AlpineError(.malformedPackage, name, "its .PKGINFO has no datahash")
        }
        guard dataHash == wanted else {
            throw AlpineError(
                .dataMismatch,
                name,
                "its data stream has the SHA-256 \(dataHash.hex), and its control stream says \(wanted.hex)",
                hint: "fetch it again; if it stays so, the file was changed after it was signed"
            )
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

    private func readControl() throws -> [String: [UInt8]] {
        let reader = try ArchiveReader(
            bytes: control.data,
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: 64, total: Self.maximalControl)
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
            out[path] = try reader.data(limit: Self.maximalControl)
        }
        return out
    }
}
