// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
internal import Fetching
package import OCI

extension RegistryClient {
    /// A manifest or index as the registry keeps it.
    package struct Document: Sendable, Equatable {
        package var mediaType: String
        package var digest: Digest
        package var bytes: [UInt8]
        package var descriptor: Descriptor { Descriptor(mediaType: mediaType, digest: digest, size: bytes.count) }
    }

    /// Fetches a manifest by tag or digest; nil when there is none.
    ///
    /// - Throws: `digest-mismatch` when the bytes are not those of a digest asked for.
    package func document(_ target: String) async throws -> Document? {
        let accept = Self.documentTypes.joined(separator: ", ") + ", */*;q=0.1"
        let request = TransportRequest(.get, url("manifests/\(target)"), headers: [("Accept", accept)])
        let answer = try await call(request)
        if answer.head.status == 404 { return nil }
        guard answer.head.status == 200 else { throw failure(answer, "give the manifest '\(target)'") }
        let digest = Digest.of(answer.body)
        if let expected = Digest(target), expected != digest {
            throw RegistryError(
                .mismatch,
                "\(reference.host)/\(repository) gives other content for \(expected): received \(digest)",
                hint: "the registry, or something between, is damaged or tampers with images"
            )
        }
        // A document says itself what it is; the header is for those that do not.
        let stated = (try? JSON(parsing: answer.body, depth: 64))?["mediaType"]?.text
        let header = answer.head.header("content-type").map { String($0.prefix { $0 != ";" }) }
        guard let mediaType = stated ?? header else {
            throw RegistryError(.refused, "\(reference.host)/\(repository): the manifest '\(target)' has no media type")
        }
        return Document(mediaType: mediaType, digest: digest, bytes: answer.body)
    }

    /// Whether the registry has a manifest.
    func hasDocument(_ digest: Digest) async throws -> Bool {
        let accept = Self.documentTypes.joined(separator: ", ") + ", */*;q=0.1"
        let answer = try await call(TransportRequest(.head, url("manifests/\(digest)"), headers: [("Accept", accept)]))
        switch answer.head.status {
        case 200: return true
        case 404: return false
        default: throw failure(answer, "tell whether it has the manifest \(digest)")
        }
    }

    /// Puts a manifest under a tag or its digest.
    ///
    /// - Returns: whether the registry took note of the manifest's subject (distribution-spec, "Pushing Manifests with
    ///   Subject").
    func put(_ bytes: [UInt8], mediaType: String, as target: String) async throws -> Bool {
        let digest = Digest.of(bytes)
        let request = TransportRequest(
            .put,
            url("manifests/\(target)"),
            headers: [("Content-Type", mediaType)],
            body: .bytes(bytes)
        )
        var answer = try await call(request)
        // The digest is right: either the manifest was damaged on its way, or the registry stumbled over somebody who wrote
        // the same one at the same time, as Docker's does on a file system.
        var attempt = 0
        while answer.head.status == 400, errorCode(answer) == "DIGEST_INVALID",
            try await settings.retries.wait(after: attempt)
        {
            attempt += 1
            answer = try await call(request)
        }
        guard answer.head.status == 201 || answer.head.status == 200 || answer.head.status == 202 else {
            throw failure(answer, "take the manifest '\(target)'")
        }
        if let said = answer.head.header("docker-content-digest").flatMap({ Digest($0) }), said.algorithm == .sha256,
            said != digest
        {
            throw RegistryError(
                .mismatch,
                "\(reference.host)/\(repository) stored something else than it was given as '\(target)': sent \(digest), stored \(said)"
            )
        }
        return answer.head.header("oci-subject") != nil
    }
}
