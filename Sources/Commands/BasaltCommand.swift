// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser

/// The root of the command tree; each subcommand has a file of its own.
package struct BasaltCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "basalt",
        abstract: "Build reproducible, hardened container images from declarative definitions.",
        subcommands: []
    )
    package init() {}
}

extension BasaltCommand {
    /// Parses the process's arguments, runs the command they name, and ends the process with its exit code.
    package static func start() async { await main() }
}
