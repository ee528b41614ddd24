// SPDX-License-Identifier: Apache-2.0

package import OCI

/// Bounds on what a hostile image can make its readers do, for all of its layers together. The defaults are far above any
/// real image.
package struct ImageLimits: Sendable {
    /// The most bytes that all layers may have as they are stored: as much as a download may have.
    package var stored = 16 << 30
    /// The most bytes that all layers may have unpacked, and all their files: a layer of a few megabytes can claim terabytes.
    package var unpacked = 16 << 30
    /// The most bytes of one file that is kept in memory.
    package var file = 64 << 20
    /// The most bytes of all files that are kept in memory.
    package var kept = 256 << 20
    /// The most entries, those that upper layers replace or hide among them.
    package var entries = 2_000_000
    /// The most bytes of all names, link targets and extended attributes.
    package var names = 256 << 20
    /// The most components of a path.
    package var depth = 256

    package init() {}

    /// Refuses layers by the sizes that their descriptors state, before anything of them is fetched.
    ///
    /// - Throws: `OCIError` of the kind `tooLarge`.
    package func check(_ layers: [Descriptor]) throws(OCIError) {
        var rest = stored
        for layer in layers {
            guard layer.size <= rest else {
                throw OCIError(
                    .tooLarge,
                    "the layer \(layer.digest)",
                    "with its \(layer.size) bytes the layers have more than \(stored)"
                )
            }
            rest -= layer.size
        }
    }
}
