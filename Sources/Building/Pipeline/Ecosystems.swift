// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Debian
package import Packages

/// The one place that knows all distribution families.
package enum Ecosystems {
    package static let all: [any Ecosystem] = [Debian(), Alpine()]

    /// The family that serves a distribution.
    package static func serving(_ distribution: Distribution) throws -> any Ecosystem {
        if let ecosystem = all.first(where: { $0.serves(distribution) }) { return ecosystem }
        throw BuildError(
            "unsupported-distribution",
            "no packages are known for os-release id '\(distribution.id)'",
            hint: "supported are \(all.map(\.name).joined(separator: " and "))"
        )
    }
}
