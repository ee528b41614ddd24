// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
package import Cryptography
package import Transparency

/// Whom to believe, and what an image has to come with.
package struct TrustPolicy: Sendable {
    /// A signer and what it may vouch for: SLSA's map of (key, builder id) to a level, which no document can state itself.
    package struct Root: Sendable {
        /// A key, or the identity that a certificate must be for.
        package var signer: BundleVerifier.Signer
        /// Builder ids that the signer may sign for; empty for any.
        package var builders: [String]
        /// The SLSA build level that its operator vouches for.
        package var level: Int
        /// Predicate types that the key may sign, an image's signature among them; empty for any.
        package var predicateTypes: [String] = []
        /// Verifier ids whose summaries the key may sign; without any, its summaries count for nothing.
        package var verifiers: [String] = []
        package init(key: PublicKey, builders: [String] = [], level: Int = 0) {
            self.init(signer: .key(key), builders: builders, level: level)
        }
        package init(signer: BundleVerifier.Signer, builders: [String] = [], level: Int = 0) {
            self.signer = signer
            self.builders = builders
            self.level = level
        }

        func mayVouch(for predicateType: String) -> Bool {
            predicateTypes.isEmpty || predicateTypes.contains(predicateType)
        }

        /// For people: the key's identifier, or the identity.
        var name: String {
            switch signer {
            case .key(let key): "the key \(key.identifier)"
            case .certificate(let identity): "\(identity.name)"
            case .leaf(let certificate): "the certificate \(Digest.of(certificate).hex.prefix(16))"
            }
        }

        /// Nil for an identity.
        package var key: PublicKey? { if case .key(let key) = signer { key } else { nil } }
    }

    package var roots: [Root]
    /// The canonical repository that signatures must name; nil for any.
    package var repository: String?
    package var buildTypes: [String]
    /// SHA-256 of the definition that the image must be made from.
    package var definition: Digest?
    /// The repository of definitions: `git+https://…`, and with `@ref` behind it also the ref.
    package var source: String?
    /// Predicate types that the index must have; platforms need those of SBOMs and provenance among them.
    package var predicateTypes: [String]
    /// Names of external parameters that are acceptable; a parameter that nobody knows could change anything.
    package var externalParameters: Set<String>
    package var expectations = Expectations()
    package var signatures = SignatureForms.both
    package var tests = TestDemand.unfailed
    /// Names of tests that somebody trusted has to say passed, on every platform: `no-shell`.
    package var requiredTests: [String] = []
    /// With one, every bundle by a trusted signer has to satisfy it: logs, timestamps, certificates.
    package var transparency: BundleVerifier?

    package static let knownParameters: Set<String> = [
        "acknowledgedChecks", "acknowledgedScripts", "definition", "inIndexAttestations", "layerLimit", "overlays",
        "platforms", "sizeLimit", "sourceDateEpoch", "strict",
        "substitutions",
        "suites",
        "vendor", "vex",
    ]

    package init(roots: [Root]) {
        self.roots = roots
        repository = nil
        buildTypes = []
        definition = nil
        source = nil
        predicateTypes = [PredicateType.provenance, PredicateType.spdx, PredicateType.cycloneDX]
        externalParameters = TrustPolicy.knownParameters
        transparency = nil
    }

    /// Reads a policy file: JSON with `trust` (a list of `key`, `builders`, `level`, `predicateTypes`, `verifiers`),
    /// `repository`, `buildTypes`, `definition`, `source`, `predicateTypes`, `externalParameters`, what `Expectations`
    /// reads, and `trustedRoot` with `requireLog` (true unless said otherwise), `requireTimestamp` and
    /// `requireCertificateLog` (likewise true), `signatures` (`SignatureForms`), `tests` (`TestDemand`) and `requiredTests`.
    /// Instead of a `key`, an entry may have a `certificateIdentity` and a `certificateOidcIssuer`, or in place of either the
    /// same name with `Regexp` behind it.
    ///
    /// - Parameter read: gives the bytes of a file that the policy names.
    /// - Throws: `malformed-policy`, also for a member that is not known or of another type than its own.
    package init(parsing bytes: [UInt8], read: (String) throws -> [UInt8]) throws {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 16)
        } catch {
            throw VerificationError("malformed-policy", "the trust policy is not JSON: \(error)")
        }
        let members = try PolicyMembers(
            json,
            of: "the trust policy",
            known: [
                "trust", "repository", "buildTypes", "definition", "source", "predicateTypes", "externalParameters",
                "trustedRoot", "requireLog", "requireTimestamp", "requireCertificateLog", "signatures", "tests",
                "requiredTests",
            ] + Expectations.members
        )
        let roots = try (members.list("trust") ?? []).map { try TrustPolicy.root($0, read: read) }
        guard !roots.isEmpty else { throw VerificationError("malformed-policy", "the trust policy trusts nobody") }
        self.init(roots: roots)
        expectations = try Expectations(json)
        repository = try members.text("repository")
        buildTypes = try members.permitted("buildTypes") ?? []
        source = try members.text("source")
        definition = try members.digest("definition")
        signatures = try members.choice("signatures") ?? .both
        tests = try members.choice("tests") ?? .unfailed
        requiredTests = try members.strings("requiredTests") ?? []
        transparency = try TrustPolicy.transparency(members, read: read)
        if transparency == nil && roots.contains(where: { $0.key == nil }) {
            throw VerificationError("malformed-policy", "an identity in the trust policy needs a 'trustedRoot'")
        }
        if let types = try members.strings("predicateTypes") { predicateTypes = types }
        if let names = try members.strings("externalParameters") { externalParameters = Set(names) }
    }
}
