// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
package import Cryptography
package import Signing

/// What a signer puts its key to. Whatever is not allowed is refused: an empty policy signs nothing.
package struct SignerPolicy: Sendable {
    /// Users who may ask through the socket.
    package var peers: Set<UInt32> = []
    /// Whether simple-signing documents (cosign's older form) are signed.
    package var allowsSimpleSigning = false
    package var predicateTypes: Set<String> = []
    /// Builder ids that provenance may name.
    package var builders: Set<String> = []
    package var buildTypes: Set<String> = []
    /// Names of external parameters that provenance may have; nil for any.
    package var externalParameters: Set<String>?
    /// Repositories of definitions that provenance may name, with `@ref` or without: names, or beginnings that end in `*`; nil
    /// for any, and for none.
    package var sources: [String]?
    /// Verifier ids that verification summaries may name.
    package var verifiers: Set<String> = []
    /// Repositories whose images are signed: names, or beginnings that end in `*`.
    package var repositories: [String] = []

    package init() {}

    /// Why a request is not signed.
    package struct Refusal: Error, Hashable, Sendable {
        package var reason: String
    }

    /// What was judged good, for the log.
    package struct Judgement: Hashable, Sendable {
        package var predicateType: String?
        package var builder: String?
        package var repositories: [String]
        package var subjects: [Digest]
    }

    private static let subjectLimit = 1024

    /// Parses the whole document and judges it.
    package func judge(_ request: SigningRequest) throws(Refusal) -> Judgement {
        switch request {
        case .statement(let bytes): try judge(statement: bytes)
        case .simpleSigning(let bytes): try judge(simpleSigning: bytes)
        }
    }

    private func judge(simpleSigning bytes: [UInt8]) throws(Refusal) -> Judgement {
        guard allowsSimpleSigning else { throw Refusal(reason: "simple-signing documents are not signed here") }
        let document: SimpleSigning
        do {
            document = try SimpleSigning(parsing: bytes, name: "the document")
        } catch {
            throw Refusal(reason: error.message)
        }
        // Equal bytes: nothing is in the document that was not looked at.
        guard document.bytes == bytes else { throw Refusal(reason: "the document has more than what it must have") }
        try check(repository: document.reference)
        return Judgement(repositories: [document.reference], subjects: [document.digest])
    }

    private func judge(statement bytes: [UInt8]) throws(Refusal) -> Judgement {
        let statement: Statement
        do {
            statement = try Statement(parsing: bytes, name: "the statement")
        } catch {
            throw Refusal(reason: error.message)
        }
        guard statement.bytes == bytes else {
            throw Refusal(
                reason: "the statement is not in canonical form, or has more than type, subjects and predicate"
            )
        }
        guard statement.subjects.count <= Self.subjectLimit else {
            throw Refusal(reason: "the statement has \(statement.subjects.count) subjects")
        }
        guard predicateTypes.contains(statement.predicateType) else {
            throw Refusal(reason: "statements of the type '\(statement.predicateType)' are not signed here")
        }
        var judgement = Judgement(predicateType: statement.predicateType, repositories: [], subjects: [])
        for subject in statement.subjects {
            judgement.subjects.append(subject.digest)
            // A digest alone names no repository.
            guard let name = subject.name else { continue }
            let repository = try self.repository(name, of: subject.digest)
            if !judgement.repositories.contains(repository) { judgement.repositories.append(repository) }
        }
        switch statement.predicateType {
        case PredicateType.provenance: judgement.builder = try check(provenance: statement.predicate)
        case PredicateType.verificationSummary:
            let verifier = statement.predicate["verifier"]?["id"]?.text
            guard let verifier, verifiers.contains(verifier) else {
                throw Refusal(reason: "the verifier '\(verifier ?? "")' is not one of ours")
            }
        default: break
        }
        return judgement
    }

    private func check(provenance: JSON) throws(Refusal) -> String {
        let builder = provenance["runDetails"]?["builder"]?["id"]?.text
        guard let builder, builders.contains(builder) else {
            throw Refusal(reason: "the builder '\(builder ?? "")' is not one of ours")
        }
        let type = provenance["buildDefinition"]?["buildType"]?.text
        guard let type, buildTypes.contains(type) else {
            throw Refusal(reason: "the build type '\(type ?? "")' is not one of ours")
        }
        guard let parameters = provenance["buildDefinition"]?["externalParameters"]?.members else {
            throw Refusal(reason: "the provenance has no external parameters")
        }
        if let externalParameters {
            for (name, _) in parameters where !externalParameters.contains(name) {
                throw Refusal(reason: "the external parameter '\(name)' is not known here")
            }
        }
        if let sources {
            let definition = provenance["buildDefinition"]?["externalParameters"]?["definition"]
            let names = SourceRepository.names(in: definition)
            guard names.contains(where: { Self.isListed($0, in: sources) }) else {
                throw Refusal(reason: "definitions from \(names.last.map { "'\($0)'" } ?? "nowhere") are not ours")
            }
        }
        return builder
    }

    /// A subject's name must be the purl of the image whose digest it has (purl-spec, types/oci).
    private func repository(_ name: String, of digest: Digest) throws(Refusal) -> String {
        guard let purl = PackageURL(name), purl.type == "oci", let repository = purl.qualifiers["repository_url"] else {
            throw Refusal(reason: "the subject '\(name)' is not the purl of an image in a repository")
        }
        guard purl.version == digest.description else {
            throw Refusal(reason: "the subject '\(name)' has the digest \(digest)")
        }
        try check(repository: repository)
        return repository
    }

    private func check(repository: String) throws(Refusal) {
        guard Self.isListed(repository, in: repositories) else {
            throw Refusal(reason: "the repository '\(repository)' is not one of ours")
        }
    }

    /// Whether it is one of the names, or begins as one does that ends in `*`.
    private static func isListed(_ name: String, in patterns: [String]) -> Bool {
        patterns.contains { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
    }
}
