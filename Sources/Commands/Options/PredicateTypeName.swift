// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Attestations

/// A predicate's type as a user gives it: a URI, or a short name.
enum PredicateTypeName {
    private static let names = [
        "spdx": PredicateType.spdx, "cyclonedx": PredicateType.cycloneDX, "provenance": PredicateType.provenance,
        "openvex": PredicateType.openVEX, "test-result": PredicateType.testResult,
    ]

    /// - Throws: `ValidationError` for what is neither.
    static func type(_ text: String) throws -> String {
        if let type = names[text] { return type }
        guard text.contains(":") else { throw ValidationError("'\(text)' is no URI and no known name") }
        return text
    }
}
