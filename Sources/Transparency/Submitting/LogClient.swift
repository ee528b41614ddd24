// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
package import Fetching
internal import Signing

/// Submits signatures to a Rekor log of the second version (rekor-tiles, api/proto/rekor/v2).
package struct LogClient: Sendable {
    private let client: ServiceClient

    package init(_ base: Locator, transport: any Transport, retries: RetrySchedule = RetrySchedule()) {
        client = ServiceClient(base: base, transport: transport, retries: retries)
    }

    package enum Submission: Sendable {
        case entry(TransparencyLogEntry)
        /// The log holds the same entry already, at this index.
        case existing(Int)
    }

    /// An entry as the log gave it, and as it was read.
    package struct TransparencyLogEntry: Sendable {
        package var json: JSON
        package var entry: LogEntry
    }

    private func failure(_ reason: String) -> TransparencyError {
        TransparencyError(
            .log,
            "the signature cannot be entered into the log \(client.base): \(reason)",
            hint: "nothing was written; try again, or leave the log out"
        )
    }

    /// Enters a signature; waits until the log has integrated it.
    package func submit(_ item: SignedItem) async throws -> Submission {
        let request = TransportRequest(
            .post,
            client.base.appending("api/v2/log/entries"),
            headers: [("Content-Type", "application/json"), ("Accept", "application/json")],
            body: .bytes(try body(item).compact)
        )
        let answer = try await client.call(request, error: failure)
        switch answer.status {
        case 200, 201: return .entry(try read(answer.body, item))
        case 409:
            guard let index = Self.index(in: answer.body) else {
                throw failure("it has an equal entry and does not say where\(ServiceClient.quote(answer.body))")
            }
            return .existing(index)
        default: throw failure("HTTP status \(answer.status)\(ServiceClient.quote(answer.body))")
        }
    }

    private func body(_ item: SignedItem) throws(TransparencyError) -> JSON {
        guard let digest = item.digests.first(where: { $0.algorithm == .sha256 }), let key = item.verifier.key else {
            throw failure("only signatures over SHA-256 are submitted")
        }
        let details: String
        switch key.kind {
        case .p256: details = "PKIX_ECDSA_P256_SHA_256"
        case .rsa(let bits) where [2048, 3072, 4096].contains(bits): details = "PKIX_RSA_PKCS1V15_\(bits)_SHA256"
        default: throw failure("it takes ECDSA P-256 and RSA keys, and the key is another")
        }
        let (name, der) =
            switch item.verifier {
            case .key: ("publicKey", key.der)
            case .certificate(let der): ("x509Certificate", der)
            }
        let verifier = JSON.object([
            (name, .object([("rawBytes", .string(Base64.encode(der)))])), ("keyDetails", .string(details)),
        ])
        return [
            "hashedRekordRequestV002": [
                "digest": .string(Base64.encode(digest.bytes)),
                "signature": ["content": .string(Base64.encode(item.signature)), "verifier": verifier],
            ]
        ]
    }

    /// Reads an entry and checks what can be checked without the log's key: that it is about the signature, and that its
    /// proof leads to its checkpoint.
    private func read(_ bytes: [UInt8], _ item: SignedItem) throws -> TransparencyLogEntry {
        do {
            let json = try JSON(parsing: bytes, depth: 32)
            let entry = try LogEntry(json)
            try entry.check(isAbout: item)
            guard entry.proof?.checkpoint != nil else {
                throw TransparencyError(.logEntry, "it has no inclusion proof with a checkpoint")
            }
            try entry.checkProof()
            return TransparencyLogEntry(json: json, entry: entry)
        } catch let error as TransparencyError {
            throw failure("its answer is not to be used: \(error.message)")
        } catch {
            throw failure("its answer cannot be read: \(error)")
        }
    }

    /// `… with index 12` in an error's message (rekor-tiles, internal/server/service.go).
    static func index(in body: [UInt8]) -> Int? {
        guard let message = (try? JSON(parsing: body, depth: 16))?["message"]?.text,
            let last = message.split(separator: " ").last, message.hasSuffix("index \(last)"), let index = Int(last),
            index >= 0
        else { return nil }
        return index
    }

    /// The entry at an index, with a proof made from the log's tiles.
    ///
    /// - Parameter logID: gives the log's identifier, which its tiles do not say.
    package func entry(
        at index: Int,
        about item: SignedItem,
        logID: (Checkpoint) -> [UInt8]?
    ) async throws -> TransparencyLogEntry {
        let reader = TileReader(client: client, failure: failure)
        let (note, checkpoint) = try await reader.checkpoint(covering: index)
        guard let identifier = logID(checkpoint) else {
            throw TransparencyError(
                .log,
                "the log \(client.base) has the signature already, and its identifier is not known",
                hint: "give --trusted-root with this log in it"
            )
        }
        let (body, path) = try await reader.proof(of: index, size: checkpoint.size)
        let json: JSON = [
            "logIndex": .string(String(index)), "logId": ["keyId": .string(Base64.encode(identifier))],
            "kindVersion": ["kind": "hashedrekord", "version": "0.0.2"],
            "inclusionProof": [
                "logIndex": .string(String(index)), "rootHash": .string(Base64.encode(checkpoint.root)),
                "treeSize": .string(String(checkpoint.size)), "hashes": .strings(path.map { Base64.encode($0) }),
                "checkpoint": ["envelope": .string(note)],
            ],
            "canonicalizedBody": .string(Base64.encode(body)),
        ]
        return try read(json.compact, item)
    }
}
