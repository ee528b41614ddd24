// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// The predicate types that others have defined; ours are in `Namespace`.
package enum PredicateType {
    package static let signature = "https://sigstore.dev/cosign/sign/v1"
    package static let provenance = "https://slsa.dev/provenance/v1"
    package static let spdx = "https://spdx.dev/Document"
    package static let cycloneDX = "https://cyclonedx.org/bom"
    package static let openVEX = "https://openvex.dev/ns"
    package static let openVEXVersioned = "https://openvex.dev/ns/v0.2.0"
    package static let testResult = "https://in-toto.io/attestation/test-result/v0.1"
    package static let verificationSummary = "https://slsa.dev/verification_summary/v1"
}

/// What a statement is about.
package struct Subject: Hashable, Sendable {
    package var name: String?
    package var digest: Digest
    package init(name: String? = nil, digest: Digest) {
        self.name = name
        self.digest = digest
    }

    package var json: JSON {
        .members([
            ("name", name.map { .string($0) }),
            ("digest", .object([(digest.algorithm.rawValue, .string(digest.hex))])),
        ])
    }
}

/// An in-toto Statement v1 (in-toto attestation spec/v1/statement.md).
package struct Statement: Hashable, Sendable {
    package static let type = "https://in-toto.io/Statement/v1"

    package var subjects: [Subject]
    package var predicateType: String
    package var predicate: JSON

    package init(subjects: [Subject], predicateType: String, predicate: JSON) {
        self.subjects = subjects
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// Canonical JSON (RFC 8785): what is signed.
    package var bytes: [UInt8] {
        JSON.object([
            ("_type", .string(Statement.type)),
            ("subject", .array(subjects.map(\.json))),
            ("predicateType", .string(predicateType)),
            ("predicate", predicate),
        ]).canonical
    }

    /// The digests that a subject is known by, the first of them that it has.
    private static let algorithms: [Digest.Algorithm] = [.sha256, .sha512, .sha384]

    /// Reads a statement of version 1 (or 0.1, which cosign still writes).
    ///
    /// A subject may have other digests than those (in-toto attestation spec/v1/digest_set.md): of a commit, of a directory. It
    /// is none of `subjects` then, and a statement without any is about nothing that we know.
    package init(parsing bytes: [UInt8], name: String) throws(AttestationError) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw AttestationError(.malformed, name, "\(error)")
        }
        let versions = [Statement.type, "https://in-toto.io/Statement/v0.1"]
        guard let type = json["_type"]?.text, versions.contains(type) else {
            throw AttestationError(.malformed, name, "its _type is no in-toto statement")
        }
        guard let predicateType = json["predicateType"]?.text, !predicateType.isEmpty else {
            throw AttestationError(.malformed, name, "it has no predicateType")
        }
        guard let entries = json["subject"]?.elements, !entries.isEmpty else {
            throw AttestationError(.malformed, name, "it has no subject")
        }
        var subjects: [Subject] = []
        for entry in entries {
            guard let digests = entry["digest"], digests.members != nil else {
                throw AttestationError(.malformed, name, "a subject has no digest")
            }
            for algorithm in Statement.algorithms {
                guard let value = digests[algorithm.rawValue] else { continue }
                guard let digest = value.text.flatMap({ Digest("\(algorithm.rawValue):\($0)") }) else {
                    throw AttestationError(.malformed, name, "a subject's \(algorithm.rawValue) is no such digest")
                }
                subjects.append(Subject(name: entry["name"]?.text, digest: digest))
                break
            }
        }
        self.init(subjects: subjects, predicateType: predicateType, predicate: json["predicate"] ?? .object([]))
    }
}

/// A reference to an artifact (in-toto attestation spec/v1/resource_descriptor.md).
package struct ResourceDescriptor: Hashable, Sendable {
    package var name: String?
    package var uri: String?
    package var digest: Digest?
    /// The digest of a repository (digest_set.md).
    package var gitCommit: GitCommit?
    package var mediaType: String?
    package var downloadLocation: String?
    package var annotations: [String: String]

    package init(
        name: String? = nil,
        uri: String? = nil,
        digest: Digest? = nil,
        gitCommit: GitCommit? = nil,
        mediaType: String? = nil,
        downloadLocation: String? = nil,
        annotations: [String: String] = [:]
    ) {
        self.name = name
        self.uri = uri
        self.digest = digest
        self.gitCommit = gitCommit
        self.mediaType = mediaType
        self.downloadLocation = downloadLocation
        self.annotations = annotations
    }

    package var json: JSON {
        var digests: [(String, JSON)] = []
        if let digest { digests.append((digest.algorithm.rawValue, .string(digest.hex))) }
        if let gitCommit { digests.append(("gitCommit", .string(gitCommit.hex))) }
        return .members([
            ("name", name.map { .string($0) }),
            ("uri", uri.map { .string($0) }),
            ("digest", digests.isEmpty ? nil : .object(digests)),
            ("mediaType", mediaType.map { .string($0) }),
            ("downloadLocation", downloadLocation.map { .string($0) }),
            ("annotations", annotations.isEmpty ? nil : .map(annotations)),
        ])
    }
}
