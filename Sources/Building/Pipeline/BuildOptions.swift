// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import Packages

/// What the command line decides about a build.
package struct BuildOptions: Sendable {
    package enum Locking: Sendable, Hashable {
        /// Resolve afresh.
        case resolve
        /// Use this lock, which must be the definition's.
        case lock(String)
        /// Use the lock beside the definition.
        case beside
    }

    /// Nil: all that the definition names.
    package var platforms: Set<Platform>?
    /// The directory that gets a layout for each definition.
    package var output: String
    package var locking: Locking = .resolve
    package var suites: Set<ImplicitSuite> = Set(ImplicitSuite.allCases)
    package var isStrict = false
    /// Whether repositories that a definition names itself are left out where its distribution has some of its own.
    package var usesDistributionOnly = false
    /// `SOURCE_DATE_EPOCH`: seconds since the epoch, instead of the newest input's time.
    package var sourceDateEpoch: Int?
    /// The most layers there may be.
    package var layerLimit = 10
    /// Whether the index carries attestation manifests, as BuildKit stores them.
    package var hasInIndexAttestations = false

    /// Whether a standard check that fails stops the build. Without it only a signed image is checked, and its evidence
    /// states the result, whatever it is.
    package var requiresStandards = false
    /// Whether what an image's evidence says is worked out even though nobody signs it.
    package var statesEvidence = false
    /// Where definitions are published, for provenance; nil to say nothing.
    package var source: SourceRepository?
    /// The commit of the source; nil for the one that is checked out where the definition lies.
    package var sourceCommit: GitCommit?
    /// The most bytes that a platform's layers may have together, compressed.
    package var sizeLimit: Int?

    package init(output: String) { self.output = output }
}
