// SPDX-License-Identifier: Apache-2.0

internal import Fetching
internal import Registry

extension EvidenceTests.TemporaryDirectory {
    /// Ways to registries on this machine.
    ///
    /// - Parameter store: of its own for every reader, so that nothing is known beforehand.
    func transfer(_ store: String) throws -> ImageTransfer {
        var options = ImageTransfer.Options()
        options.isPlain = true
        return ImageTransfer(
            store: try Store(at: "\(path)/\(store)"),
            environment: ["HOME": path],
            options: options
        )
    }
}
