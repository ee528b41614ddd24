// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree
package import OCI
package import Packages

/// An image that was built to be compared with another: nobody signed it, and it lies nowhere but in the store.
package struct RebuiltImage: Sendable {
    /// The image's documents and layers.
    package var source: any ImageSource
    package var index: Descriptor
    /// Every statement that a build of this image signs, but for the one about its run.
    package var statements: [(predicateType: String, bytes: [UInt8], targets: [Digest])]
    /// Who put each path there, by platform.
    package var trees: [Platform: Tree]
}
