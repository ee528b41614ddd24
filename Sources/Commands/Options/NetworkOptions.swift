// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Building
internal import Fetching
internal import Foundation

/// Whom every command that talks to a network believes.
struct NetworkOptions: ParsableArguments {
    @Option(
        name: .customLong("ca-file"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Certificate authorities (PEM) to trust besides the machine's; repeatable.",
            valueName: "file"
        )
    )
    var authorities: [String] = []

    init() {}

    /// How servers are spoken to, by the flags, the configuration file and the environment.
    ///
    /// - Parameter config: the configuration file, if another than the default one is given.
    /// - Throws: `bad-certificate` for a file that cannot be used, before anything is fetched.
    func settings(config: String? = nil) throws -> HTTPTransport.Settings {
        var settings = try HTTPTransport.Settings(environment: ProcessInfo.processInfo.environment)
        try settings.authorities.add(
            try ConfigurationFile.read(given: config).certificateAuthorities,
            purpose: "the configuration's certificate-authorities"
        )
        try settings.authorities.add(authorities, purpose: "the authorities of --ca-file")
        return settings
    }
}
