// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON

/// The platforms of the language.
package enum TargetPlatform: String, Sendable, CaseIterable, Hashable {
    case amd64 = "linux/amd64"
    case arm64 = "linux/arm64"

    /// What `target.arch` is.
    package var architecture: String {
        switch self {
        case .amd64: "amd64"
        case .arm64: "arm64"
        }
    }

    static var defaultJSON: JSON { .strings(allCases.map(\.rawValue)) }
}

package enum Compression: String, Sendable, CaseIterable, Hashable { case zstd, gzip }

package enum OutputForm: String, Sendable, CaseIterable, Hashable { case layered, squashed }

package enum Entitlement: String, Sendable, CaseIterable, Hashable { case `public`, enterprise, els }

package enum Variant: String, Sendable, CaseIterable, Hashable { case dev, runtime, helm }

package enum PathKind: String, Sendable, CaseIterable, Hashable { case symlink, directory, file, delete, emptyfile }

package enum CacheSharing: String, Sendable, CaseIterable, Hashable { case shared, `private`, locked }
