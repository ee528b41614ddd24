// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Packages
package import Standards

/// What a build made, for its summary.
package struct BuiltImage: Sendable {
    package struct PlatformSummary: Sendable {
        package var platform: Platform
        package var digest: Digest
        /// Compressed size of all layers in bytes.
        package var size: Int
        /// Size of all layers' tars in bytes.
        package var unpackedSize: Int
        package var packages: Int
        package var layers: Int
        package var dropped: [String]
        package var scripts: [ScriptReport]
        package var notes: [String]
    }

    package var definition: String
    /// The directory of the OCI layout, and the tag of the image in it.
    package var layout: String
    package var tag: String
    package var tags: [String]
    /// The name that signatures carry.
    package var reference: String
    package var lock: String
    package var digest: Digest
    package var isSigned: Bool
    package var user: String
    package var platforms: [PlatformSummary]
    /// Results of the standard checks; empty when they were not run.
    package var checks: [TestResult] = []
    /// Statements of the merged VEX document.
    package var vexStatements = 0
}
