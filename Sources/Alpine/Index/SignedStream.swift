// SPDX-License-Identifier: Apache-2.0

internal import Archives
package import Cryptography
internal import Diagnostics

/// The head of a file of APKv2 form, package or index: gzip members one after the other, of which the leading ones hold
/// only signatures over all that follows them (an index) or over the next member (a package); apk-v2(5).
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

    package private(set) var signatures: [Signature] = []
    /// The first member that holds something else: where it begins, its compressed bytes, and what they expand to.
    package private(set) var start = 0
    package private(set) var compressed: [UInt8] = []
    package private(set) var content: [UInt8] = []
    /// False where that member is larger than was asked for; `content` is its beginning then.
    package private(set) var isComplete = true

    private static let maximalSignatures = 16
    private static let maximalSignature = 65_536
    private static let maximalMember = 1 << 20
    /// What a tar begins with whose first entry is a signature.
    private static let prefix = Array(".SIGN.".utf8)

    /// Reads the members up to the first that is no signature.
    ///
    /// - Parameter limit: how much of that one is wanted, in bytes. With 0 it is left as soon as it is known to be none, so
    ///   that nothing of what is signed is expanded before its signature is known to be good.
    /// - Throws: `truncated`, and `malformed-…` by `malformed` for anything else.
    init(_ reader: GzipMemberReader, name: String, limit: Int, malformed: AlpineError.Code) throws {
        while true {
            start = reader.position
            let collected = Collected(limit: limit)
            guard try reader.nextMember(observing: { collected.append($0) }) else {
                throw AlpineError(.truncated, name, "there is nothing after its signatures")
            }
            content = []
            isComplete = true
            while isComplete {
                // The first header tells what it is.
                let block = try reader.read(upTo: content.isEmpty ? 512 : .max)
                if block.isEmpty { break }
                content.append(contentsOf: block)
                let isSignature = content.count < Self.prefix.count || content.starts(with: Self.prefix)
                isComplete = content.count <= (isSignature ? Self.maximalMember : limit)
            }
            compressed = collected.bytes
            guard isComplete, content.starts(with: Self.prefix),
                let found = try Self.signatures(in: content, name: name)
            else { return }
            signatures += found
            if signatures.count > Self.maximalSignatures {
                throw AlpineError(malformed, name, "it has more than \(Self.maximalSignatures) signatures")
            }
        }
    }

    /// A member's compressed bytes, so long as they are not absurdly many for what they hold.
    private final class Collected {
        private(set) var bytes: [UInt8] = []
        private let limit: Int
        init(limit: Int) { self.limit = limit + (1 << 20) }
        func append(_ block: UnsafeRawBufferPointer) {
            if bytes.count + block.count <= limit { bytes.append(contentsOf: block) }
        }
    }

    /// Refuses what is no gzip stream, by the file's first bytes.
    static func check(_ head: some Collection<UInt8>, name: String, malformed: AlpineError.Code) throws(AlpineError) {
        if head.starts(with: Array("ADB".utf8)) {
            throw AlpineError(
                .unsupportedFormat,
                name,
                "it is an APKv3 file (ADB), which this program does not read",
                hint: "use the repository's APKv2 form"
            )
        }
        guard head.starts(with: [0x1F, 0x8B]) else {
            throw AlpineError(malformed, name, head.isEmpty ? "it is empty" : "it does not begin with a gzip stream")
        }
    }

    /// Says what goes wrong below in the words of this module.
    static func translating<T>(_ name: String, _ malformed: AlpineError.Code, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ArchiveError where error.kind == .truncated {
            throw AlpineError(.truncated, name, "it is cut short: \(error.detail)", hint: "fetch it again")
        } catch let error as ArchiveError where error.kind == .limit {
            throw AlpineError(.tooLarge, name, error.detail)
        } catch let error as ArchiveError {
            throw AlpineError(malformed, name, error.detail)
        }
    }

    /// The signatures in a member; nil when it holds anything else.
    private static func signatures(in tar: [UInt8], name: String) throws -> [Signature]? {
        let reader = try ArchiveReader(
            bytes: tar,
            name: name,
            format: .tar,
            limits: ArchiveLimits(entries: 64, total: maximalMember)
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
        } catch is ArchiveError where isEmpty {
            // The first entry is no signature, whatever else it may be; who reads it next will say what is wrong.
            return nil
        }
        return isEmpty ? nil : out
    }
}
