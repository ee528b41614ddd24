// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree
internal import Synchronization

/// Reads the contents to find the facts, each content once however many names it has.
package final class ComputedFacts: FactSource {
    private let contents: any ContentSource
    private let known = Mutex<[Digest: FileFacts]>([:])

    package init(_ contents: any ContentSource) { self.contents = contents }

    package func facts(of content: FileContent) throws -> FileFacts {
        if let facts = known.withLock({ $0[content.sha256] }) { return facts }
        let facts = try FileFacts(of: content, in: contents)
        known.withLock { $0[content.sha256] = facts }
        return facts
    }

    package func checksum(_ algorithm: Digest.Algorithm, of content: FileContent) throws -> Digest {
        try Self.checksum(algorithm, of: content, in: contents)
    }

    package static func checksum(
        _ algorithm: Digest.Algorithm,
        of content: FileContent,
        in contents: any ContentSource
    ) throws -> Digest {
        if algorithm == .sha256 { return content.sha256 }
        if algorithm == .sha1, let known = content.sha1 { return known }
        let hasher = Hasher(algorithm)
        for start in stride(from: 0, to: content.size, by: 1 << 20) {
            hasher.update(try contents.read(content, range: start..<min(content.size, start + 1 << 20)))
        }
        return hasher.finish()
    }
}
