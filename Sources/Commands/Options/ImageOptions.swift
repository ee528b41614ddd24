// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Fetching
internal import Foundation
internal import OCI
internal import Registry

/// The image that a command reads, and how it is reached.
struct ImageOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "The image: an OCI layout (DIRECTORY[:TAG]), or in a registry (HOST/REPOSITORY[:TAG][@DIGEST]).",
            valueName: "image"
        )
    )
    var image: String

    @Flag(name: .long, help: "Speak HTTP without TLS to the registry. One on this machine needs no flag.")
    var plainHTTP = false

    @OptionGroup var network: NetworkOptions

    @Flag(name: [.short, .long], help: "Show no progress.")
    var quiet = false

    init() {}

    func location() throws -> ImageLocation { try ImageLocation(image) }

    /// Opens the image; of one in a registry, blobs go through the store.
    ///
    /// - Parameter config: the configuration file, if another than the default one is given.
    func source(_ progress: ProgressRenderer, config: String? = nil) async throws -> any ImageSource {
        try await Self.source(of: image, plainHTTP: plainHTTP, network: network, progress, config: config)
    }

    static func source(
        of image: String,
        plainHTTP: Bool,
        network: NetworkOptions,
        _ progress: ProgressRenderer,
        config: String? = nil
    ) async throws -> any ImageSource {
        let location = try ImageLocation(image)
        // Whoever reads a layout needs no store.
        if case .layout(let directory, let tag) = location { return try LayoutSource(directory: directory, tag: tag) }
        return try await transfer(plainHTTP: plainHTTP, network: network, progress, config: config).open(location)
    }

    func transfer(_ progress: ProgressRenderer, config: String? = nil) throws -> ImageTransfer {
        try Self.transfer(plainHTTP: plainHTTP, network: network, progress, config: config)
    }

    private static func transfer(
        plainHTTP: Bool,
        network: NetworkOptions,
        _ progress: ProgressRenderer,
        config: String?
    ) throws -> ImageTransfer {
        var options = ImageTransfer.Options()
        options.isPlain = plainHTTP
        options.http = try network.settings(config: config)
        let variables = ProcessInfo.processInfo.environment
        let observer = progress.observer
        return ImageTransfer(
            store: try Store(at: try Store.defaultRoot(environment: variables)),
            environment: variables,
            options: options,
            observer: { observer(.fetch($0)) }
        )
    }
}
