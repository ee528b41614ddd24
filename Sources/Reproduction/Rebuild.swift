// SPDX-License-Identifier: Apache-2.0

package import Building
internal import Cryptography
internal import Diagnostics
package import Fetching
internal import Packages

/// Builds a recorded image once more.
package struct Rebuild: Sendable {
    private let image: RecordedImage
    private let inputs: RecordedInputs

    /// - Parameter acceptsOtherVersions: whether another version of this program may have built the image.
    /// - Throws: `unknown-version`.
    package init(_ image: RecordedImage, from inputs: RecordedInputs, version: String, acceptsOtherVersions: Bool)
        throws(ReproductionError)
    {
        guard acceptsOtherVersions || image.build.version == version else {
            throw ReproductionError(
                "unknown-version",
                "the image was built by basalt \(image.build.version), and this is \(version)",
                hint: "use that version, or compare all the same with --any-version"
            )
        }
        self.image = image
        self.inputs = inputs
    }

    /// - Parameters:
    ///   - environment: with an empty store of the rebuild's own, so that nothing that was derived before is believed.
    ///   - packages: a store that may have the packages; what is taken from it is hashed again.
    package func run(_ environment: BuildEnvironment, packages: Store) async throws -> RebuiltImage {
        var environment = environment
        environment.configuration = image.build.configuration(environment.configuration)
        // The name of the version stands in statements; that it is another one was said before.
        environment.version = image.build.version
        environment.signer = nil
        let options = try image.build.options(output: "")
        do {
            for digest in Set(inputs.lock.platforms.flatMap { $0.resolution.packages.compactMap(\.sha256) }) {
                guard let path = packages.path(of: digest) else { continue }
                try environment.store.put(file: path, expecting: digest)
            }
            return try await Build(environment: environment, options: options)
                .again(inputs.planned, lock: inputs.lock, statements: inputs.statements)
        } catch let failure as any Failure {
            throw ReproductionError(
                failure.code,
                "the image cannot be built again: \(failure.message)",
                hint: failure.hint
            )
        }
    }
}
