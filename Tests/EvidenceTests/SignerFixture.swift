// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import OCI
internal import SignerService
internal import Signing

/// A policy that signs everything which the evidence of the fixture's image consists of, and no more.
enum SignerFixture {
    static func policy() -> SignerPolicy {
        var policy = SignerPolicy()
        policy.peers = [geteuid()]
        policy.allowsSimpleSigning = true
        policy.predicateTypes = [
            PredicateType.signature, PredicateType.provenance, PredicateType.spdx, PredicateType.cycloneDX,
            Namespace().scripts,
        ]
        policy.builders = [Namespace().localBuilder]
        policy.buildTypes = [Namespace().buildType]
        policy.externalParameters = ["definition", "platforms", "overlays"]
        policy.repositories = ["registry.example.org/lab/*"]
        return policy
    }

    static func log(_ directory: TemporaryDirectory) throws -> AuditLog {
        try AuditLog(path: directory.path + "/log") { EvidenceFixture.epoch }
    }

    /// The lines of the log.
    static func lines(_ directory: TemporaryDirectory) throws -> [JSON] {
        let text = try String(contentsOfFile: directory.path + "/log", encoding: .utf8)
        return try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    static func provenance(
        builder: String = Namespace().localBuilder,
        buildType: String = Namespace().buildType,
        parameters: JSON = ["definition": [:], "platforms": []],
        subject: Subject? = nil
    ) -> Statement {
        let digest = Digest.of("image")
        let purl = PackageURL(
            type: "oci",
            name: "img",
            version: digest.description,
            qualifiers: ["repository_url": EvidenceFixture.repository]
        )
        return Statement(
            subjects: [subject ?? Subject(name: purl.description, digest: digest)],
            predicateType: PredicateType.provenance,
            predicate: [
                "buildDefinition": ["buildType": .string(buildType), "externalParameters": parameters],
                "runDetails": ["builder": ["id": .string(builder)]],
            ]
        )
    }

    /// The signer in a few lines of shell that the tests with other programs use.
    static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Interop/signers/openssl").path
}

extension TemporaryDirectory {
    /// Writes a file, and gives its path.
    func write(_ text: String, to name: String, mode: Int = 0o644) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}
