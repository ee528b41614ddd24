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

        /// Nil for an identity.
        package var key: PublicKey? { if case .key(let key) = signer { key } else { nil } }
    }

    package var roots: [Root]
    /// The canonical repository that signatures must name; nil for any.
    package var repository: String?
    package var buildTypes: [String]
    /// SHA-256 of the definition that the image must be made from.
    package var definition: Digest?
    /// The repository of definitions.
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
    package init(parsing bytes: [UInt8], read: (String) throws -> [UInt8]) throws {
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 16)
        } catch {
            throw VerificationError("malformed-policy", "the trust policy is not JSON: \(error)")
        }
        let known =
            [
                "trust", "repository", "buildTypes", "definition", "source", "predicateTypes", "externalParameters",
                "trustedRoot", "requireLog", "requireTimestamp", "requireCertificateLog", "signatures", "tests",
                "requiredTests",
            ] + Expectations.members
        for (name, _) in json.members ?? [] where !known.contains(name) {
            throw VerificationError(
                "malformed-policy",
                "the trust policy has a member '\(name)' that means nothing here",
                hint: "known are \(known.joined(separator: ", "))"
            )
        }
        func strings(_ name: String, in json: JSON) throws -> [String]? {
            guard let value = json[name] else { return nil }
            guard let list = value.elements, list.allSatisfy({ $0.text != nil }) else {
                throw VerificationError("malformed-policy", "'\(name)' in the trust policy is no list of strings")
            }
            return list.compactMap(\.text)
        }
        var roots: [Root] = []
        for entry in json["trust"]?.elements ?? [] {
            let signer = try TrustPolicy.signer(entry, read: read)
            let level = entry["level"]?.int ?? 0
            guard (0...3).contains(level) else {
                throw VerificationError("malformed-policy", "a level in the trust policy is not between 0 and 3")
            }
            var root = Root(
                signer: signer,
                builders: try strings("builders", in: entry) ?? [],
                level: level
            )
            root.predicateTypes = try strings("predicateTypes", in: entry) ?? []
            root.verifiers = try strings("verifiers", in: entry) ?? []
            roots.append(root)
        }
        guard !roots.isEmpty else { throw VerificationError("malformed-policy", "the trust policy trusts nobody") }
        self.init(roots: roots)
        expectations = try Expectations(json)
        repository = json["repository"]?.text
        buildTypes = try strings("buildTypes", in: json) ?? []
        source = json["source"]?.text
        if let text = json["definition"]?.text {
            guard let digest = Digest(text) else {
                throw VerificationError("malformed-policy", "'definition' in the trust policy is no digest")
            }
            definition = digest
        }
        signatures = try TrustPolicy.choice("signatures", in: json) ?? .both
        tests = try TrustPolicy.choice("tests", in: json) ?? .unfailed
        requiredTests = try strings("requiredTests", in: json) ?? []
        transparency = try TrustPolicy.transparency(json, read: read)
        if transparency == nil && roots.contains(where: { $0.key == nil }) {
            throw VerificationError("malformed-policy", "an identity in the trust policy needs a 'trustedRoot'")
        }
        if let types = try strings("predicateTypes", in: json) { predicateTypes = types }
        if let names = try strings("externalParameters", in: json) { externalParameters = Set(names) }
    }

    /// A member that is one of an enumeration's names.
    private static func choice<Value>(_ name: String, in json: JSON) throws -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        guard let value = json[name] else { return nil }
        guard let choice = value.text.flatMap({ Value(rawValue: $0) }) else {
            throw VerificationError(
                "malformed-policy",
                "'\(name)' in the trust policy is none of " + Value.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        return choice
    }
}
