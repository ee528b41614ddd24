// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import Signing

/// Logs and timestamp authorities that all signatures of a run are shown to.
package struct Witnesses: SignatureWitness {
    package var logs: [LogClient]
    package var authorities: [TimestampClient]
    /// With one, what they answer is verified before it is used.
    package var root: TrustedRoot?

    package init(logs: [LogClient], authorities: [TimestampClient], root: TrustedRoot?) {
        self.logs = logs
        self.authorities = authorities
        self.root = root
    }

    /// A log integrates what it gets once a second or two, all of it together: asked one by one, they would add up.
    private static let width = 16

    package func witness(_ bundles: [Bundle], by key: PublicKey) async throws -> [Bundle] {
        var out = bundles
        let items = bundles.map { $0.item(by: key) }
        for log in logs {
            for (index, json) in try await entries(items, in: log).enumerated() { out[index].logEntries.append(json) }
        }
        for authority in authorities {
            let stamps = try await Self.each(items) { try await authority.stamp($0.signature) }
            for (index, stamp) in stamps.enumerated() { out[index].timestamps.append(stamp) }
        }
        if let root {
            var requirements = BundleVerifier.Requirements()
            requirements.needsLog = !logs.isEmpty
            requirements.needsTimestamp = !authorities.isEmpty
            // What verifiers ask of certificates is theirs to say; those of a company are in no public log.
            requirements.needsCertificateLog = false
            let verifier = BundleVerifier(root: root, requirements: requirements)
            for bundle in out {
                let signer = bundle.certificates.first.map { BundleVerifier.Signer.leaf($0) } ?? .key(key)
                do throws(TransparencyError) {
                    _ = try verifier.verify(bundle, by: signer, about: nil)
                } catch {
                    throw TransparencyError(
                        .log,
                        "what the log or the authority answered does not verify against the trusted root: \(error.message)",
                        hint: error.hint
                    )
                }
            }
        }
        return out
    }

    package func stamp(_ texts: [[UInt8]]) async throws -> [[UInt8]]? {
        guard let authority = authorities.first else { return nil }
        let stamps = try await Self.each(texts) { try await authority.stamp($0) }
        guard let root else { return stamps }
        for (text, stamp) in zip(texts, stamps) {
            let isTrusted = root.timestampAuthorities.contains { (try? $0.verify(stamp, over: text)) != nil }
            guard isTrusted else {
                throw TransparencyError(.authority, "the timestamp authority's answer is by none of the trusted root")
            }
        }
        return stamps
    }

    private func entries(_ items: [SignedItem], in log: LogClient) async throws -> [JSON] {
        let submissions = try await Self.each(items) { try await log.submit($0) }
        var known: [UInt8]?
        for case .entry(let entry) in submissions { known = entry.entry.logID }
        let (identifier, root) = (known, root)
        return try await Self.each(Array(zip(items, submissions))) { item, submission in
            switch submission {
            case .entry(let entry): return entry.json
            case .existing(let index):
                return try await log.entry(at: index, about: item) { checkpoint in
                    identifier ?? root?.logs.first { checkpoint.isSigned(by: $0) }?.identifiers.first
                }.json
            }
        }
    }

    /// Does something for each value, several at a time; the results are in the order of the values.
    private static func each<Value: Sendable, Result: Sendable>(
        _ values: [Value],
        _ body: @escaping @Sendable (Value) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var results = [Result?](repeating: nil, count: values.count)
            var next = 0
            while next < min(width, values.count) {
                let (index, value) = (next, values[next])
                group.addTask { (index, try await body(value)) }
                next += 1
            }
            while let (index, result) = try await group.next() {
                results[index] = result
                if next < values.count {
                    let (index, value) = (next, values[next])
                    group.addTask { (index, try await body(value)) }
                    next += 1
                }
            }
            return results.compactMap { $0 }
        }
    }
}

extension Bundle {
    /// What a log's entry about the bundle's signature must agree with.
    fileprivate func item(by key: PublicKey) -> SignedItem {
        let verifier = certificates.first.map { SignedItem.Verifier.certificate($0) } ?? .key(key)
        var item = SignedItem(signature: signature, verifier: verifier, envelope: nil, digests: [])
        switch content {
        case .envelope(let envelope):
            item.envelope = envelope
            item.digests = [.of(envelope.preAuthentication)]
        case .message(_, let digest): item.digests = [digest].compactMap { $0 }
        }
        return item
    }
}
