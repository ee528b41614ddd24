// SPDX-License-Identifier: Apache-2.0

/// What is asked for a name beyond that it be there; it weighs in the choice between providers.
package struct SolverFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A newer version is better than the installed one.
    package static let upgrade = SolverFlags(rawValue: 1)
    /// A version that a repository has is better than one that none has.
    package static let available = SolverFlags(rawValue: 2)
    /// The installed version is installed again.
    package static let reinstall = SolverFlags(rawValue: 4)
    /// The latest version or none.
    package static let latest = SolverFlags(rawValue: 8)
    /// Conflicts do not count.
    package static let ignoreConflict = SolverFlags(rawValue: 16)
    /// The installed version is better than any other.
    package static let installed = SolverFlags(rawValue: 32)
    /// Better gone.
    package static let remove = SolverFlags(rawValue: 64)
}
