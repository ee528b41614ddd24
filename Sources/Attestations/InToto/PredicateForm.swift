// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Diagnostics

/// What the specifications of the predicate types that we know demand of every predicate. Nobody else looks before a statement
/// is signed, and readers find the mistake when the signature is out in the world.
///
/// - Spec: in-toto attestation v1 (a predicate is an object) and its test-result v0.1; SLSA v1.2 provenance and verification
///   summary; SPDX 2.3 section 6; CycloneDX 1.6; OpenVEX 0.2.0.
package enum PredicateForm {
    /// What is wrong, one sentence each, at most twenty; empty for types that we do not know.
    package static func problems(_ predicate: JSON, type: String) -> [String] {
        guard predicate.members != nil else { return ["a predicate is a JSON object"] }
        switch type {
        case PredicateType.openVEX, PredicateType.openVEXVersioned:
            let problems = VEXReader(predicate).problems.filter { $0.severity == .error }
            return problems.prefix(20).map { $0.path.steps.isEmpty ? $0.message : "\($0.path): \($0.message)" }
        default:
            return (demands[type] ?? []).compactMap { $0.problem(in: predicate) }
        }
    }

    /// A member that must be there.
    private struct Demand: Sendable {
        enum Kind: Sendable {
            case text, object, array
            case oneOf([String])
            case beginning(String)
        }
        var path: [String]
        var kind: Kind

        init(_ path: String, _ kind: Kind = .text) {
            self.path = path.split(separator: ".").map(String.init)
            self.kind = kind
        }

        func problem(in predicate: JSON) -> String? {
            let name = "'\(path.joined(separator: "."))'"
            guard let value = path.reduce(Optional(predicate), { $0?[$1] }) else { return "\(name) is missing" }
            switch kind {
            case .text: return value.text?.isEmpty == false ? nil : "\(name) is no text, or empty"
            case .object: return value.members != nil ? nil : "\(name) is no object"
            case .array: return value.elements != nil ? nil : "\(name) is no list"
            case .oneOf(let values):
                return value.text.map(values.contains) == true
                    ? nil : "\(name) is none of \(values.joined(separator: ", "))"
            case .beginning(let text):
                return value.text?.hasPrefix(text) == true ? nil : "\(name) does not begin with \(text)"
            }
        }
    }

    private static let demands: [String: [Demand]] = [
        PredicateType.provenance: [
            Demand("buildDefinition.buildType"), Demand("buildDefinition.externalParameters", .object),
            Demand("runDetails.builder.id"),
        ],
        PredicateType.spdx: [
            Demand("spdxVersion", .beginning("SPDX-2.")), Demand("SPDXID", .oneOf(["SPDXRef-DOCUMENT"])),
            Demand("dataLicense", .oneOf(["CC0-1.0"])), Demand("name"), Demand("documentNamespace"),
            Demand("creationInfo.created"), Demand("creationInfo.creators", .array),
        ],
        PredicateType.cycloneDX: [Demand("bomFormat", .oneOf(["CycloneDX"])), Demand("specVersion", .beginning("1."))],
        PredicateType.testResult: [
            Demand("result", .oneOf(["PASSED", "WARNED", "FAILED"])), Demand("configuration", .array),
        ],
        PredicateType.verificationSummary: [
            Demand("verifier.id"), Demand("resourceUri"), Demand("policy", .object),
            Demand("verificationResult", .oneOf(["PASSED", "FAILED"])), Demand("verifiedLevels", .array),
        ],
    ]
}
