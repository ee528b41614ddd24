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

    /// A signer in a few lines of shell, as an operator might write one for a key that OpenSSL reaches.
    static func script(key: String, publicKey: String) -> String {
        #"""
        #!/bin/sh
        set -eu
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        cat > "$work/request"
        field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/request"; }
        case $(field operation) in
        public-key)
            printf '{"version":1,"publicKey":"%s"}' "$(awk '{ printf "%s\\n", $0 }' '\#(publicKey)')" ;;
        sign)
            field payload | base64 -d > "$work/payload"
            case $(field payloadType) in
            application/vnd.in-toto+json)
                printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < "$work/payload")" > "$work/message"
                cat "$work/payload" >> "$work/message" ;;
            *) cp "$work/payload" "$work/message" ;;
            esac
            signature=$(openssl dgst -sha256 -sign '\#(key)' "$work/message" | base64 | tr -d '\n')
            printf '{"version":1,"signature":"%s"}' "$signature" ;;
        esac
        """#
    }
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
