// SPDX-License-Identifier: Apache-2.0

/// A platform that images are built for, in the notation of OCI and of definitions.
package enum Platform: String, Sendable, CaseIterable, Comparable {
    case amd64 = "linux/amd64"
    case arm64 = "linux/arm64"

    /// OCI's `architecture` (GOARCH), which is also Debian's name for both.
    package var architecture: String {
        switch self {
        case .amd64: "amd64"
        case .arm64: "arm64"
        }
    }

    /// OCI's `variant`: `v8` for arm64, as the image index of every registry has it.
    package var variant: String? { self == .arm64 ? "v8" : nil }

    package static func < (a: Platform, b: Platform) -> Bool { a.rawValue < b.rawValue }
}
