// SPDX-License-Identifier: Apache-2.0

package import Archives
package import Cryptography
internal import Diagnostics

/// A file of APKv2 form, package or index: gzip members one after the other, of which the leading ones hold only
/// signatures (apk-v2(5)).
package struct SignedStream: Sendable {
    package struct Signature: Hashable, Sendable {
        /// The key's file name.
        package var key: String
        package var digest: Digest.Algorithm
        package var bytes: [UInt8]

        package init(key: String, digest: Digest.Algorithm, bytes: [UInt8]) {
            self.key = key
            self.digest = digest
            self.bytes = bytes
        }

        /// `.SIGN.RSA.name` and its kin; nil for what is no signature or one that we can't verify (DSA).
        init?(member name: String, bytes: [UInt8]) {
            let kinds: [(String, Digest.Algorithm)] = [
                (".SIGN.RSA512.", .sha512), (".SIGN.RSA256.", .sha256), (".SIGN.RSA.", .sha1),
            ]
            guard let kind = kinds.first(where: { name.hasPrefix($0.0) }) else { return nil }
            self.init(key: String(name.dropFirst(kind.0.count)), digest: kind.1, bytes: bytes)
        }
    }

    package var signatures: [Signature]
    /// The members after the signatures.
    package var members: [GzipMembers.Member]

    private static let maximalSignatures = 16
    private static let maximalSignature = 65_536

    /// - Parameter limit: bound on the decompressed size of everything, in bytes.
    /// - Throws: `truncated`, `unsupported-format` for APKv3, `malformed-…` by `malformed` for anything else.
    package init(_ bytes: [UInt8], name: String, limit: Int, malformed: AlpineError.Code) throws {
        if bytes.starts(with: Array("ADB".utf8)) {
            throw AlpineError(
                .unsupportedFormat,
                name,
                "it is an APKv3 file (ADB), which this program does not read",
                hint: "use the repository's APKv2 form"
            )
        }
        guard bytes.starts(with: [0x1F, 0x8B]) else {
            throw AlpineError(malformed, name, bytes.isEmpty ? "it is empty" : "it does not begin with a gzip stream")
        }
        let all: [GzipMembers.Member]
        do {
            all = try GzipMembers.split(bytes, name: name, limit: limit)
        } catch let error as ArchiveError where error.kind == .truncated {
            throw AlpineError(.truncated, name, "it is cut short: \(error.detail)", hint: "fetch it again")
        } catch let error as ArchiveError where error.kind == .limit {
            throw AlpineError(.tooLarge, name, error.detail)
        } catch let error as ArchiveError {
            throw AlpineError(malformed, name, error.detail)
        }
        signatures = []
        var first = 0
        while first < all.count, let found = try Self.signatures(in: all[first].data, name: name) {
            signatures += found
            first += 1
        }
        members = Array(all[first...])
        if signatures.count > Self.maximalSignatures {
            throw AlpineError(malformed, name, "it has more than \(Self.maximalSignatures) signatures")
        }
        if members.isEmpty { throw AlpineError(.truncated, name, "there is nothing after its signatures") }
    }

    /// The signatures in a member; nil when it holds anything else.
    private static func signatures(in tar: [UInt8], name: String) throws -> [Signature]? {
        let reader = try ArchiveReader(
            bytes: tar,
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: 64, total: 1 << 20)
        )
        var out: [Signature] = []
        var isEmpty = true
        do {
            while let entry = try reader.next() {
                let path = String(decoding: entry.path, as: UTF8.self)
                guard path.hasPrefix(".SIGN."), entry.kind == .file else { return nil }
                isEmpty = false
                let bytes = try reader.data(limit: maximalSignature)
                if let signature = Signature(member: path, bytes: bytes) { out.append(signature) }
            }
        } catch let error as ArchiveError where error.kind == .limit && isEmpty {
            // The first entry is too large for a signature, so it is something else.
            return nil
        }
        return isEmpty ? nil : out
    }
}
