// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import OCI
internal import Signing

/// When a key or a chain was in use: a closed interval of seconds since the epoch (protobuf-specs, sigstore_common.proto,
/// TimeRange).
package struct ValidityPeriod: Hashable, Sendable {
    package let start: Int
    /// Nil as long as it is in use.
    package let end: Int?

    package init(start: Int, end: Int? = nil) {
        self.start = start
        self.end = end
    }

    package func contains(_ time: Int) -> Bool { start <= time && time <= end ?? .max }

    /// - Throws: without a start: reading that as "always" would trust more than the root says.
    init(_ json: JSON?, of subject: String) throws(TransparencyError) {
        func time(_ name: String) throws(TransparencyError) -> Int? {
            guard let value = json?.present(name) else { return nil }
            guard let time = value.text.flatMap({ Timestamp.seconds($0) }) else {
                throw TransparencyError(.trustedRoot, "the \(name) of the validity of \(subject) is no RFC 3339 time")
            }
            return time
        }
        guard let start = try time("start") else {
            throw TransparencyError(.trustedRoot, "the validity of \(subject) has no start")
        }
        self.init(start: start, end: try time("end"))
    }
}
