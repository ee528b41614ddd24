// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Diagnostics
internal import Glibc

/// The root of the command tree; each subcommand has a file of its own.
package struct BasaltCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "basalt",
        abstract: "Build reproducible, hardened container images from declarative definitions.",
        discussion: """
            Examples:
              basalt plan definitions/nginx/13.yaml
              basalt key generate
              basalt build definitions/debian-base/13.yaml --key keys/signing/basalt.key
              basalt verify out/debian-base/13:13 --key keys/signing/basalt.pub
              basalt resolve definitions/curl/13.yaml --explain libkrb5-3

            Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 input or environment error.

            The store is $BASALT_STORE, else $XDG_CACHE_HOME/basalt, else ~/.cache/basalt.
            """,
        version: BasaltVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Definition",
                subcommands: [LintCommand.self, PlanCommand.self, ResolveCommand.self, SchemaCommand.self]
            ),
            CommandGroup(
                name: "Image",
                subcommands: [BuildCommand.self, LockCommand.self, FetchCommand.self, TestCommand.self]
            ),
            CommandGroup(
                name: "Content",
                subcommands: [
                    InspectCommand.self, DiffCommand.self, SBOMCommand.self, ProvenanceCommand.self,
                    ScriptsCommand.self,
                ]
            ),
            CommandGroup(
                name: "Trust",
                subcommands: [VerifyCommand.self, VerifyBlobCommand.self, ReproduceCommand.self]
            ),
            CommandGroup(
                name: "Evidence and Key",
                subcommands: [AttestCommand.self, VEXCommand.self, KeyCommand.self, SignerCommand.self]
            ),
            CommandGroup(name: "Registry", subcommands: [PushCommand.self, PullCommand.self, CopyCommand.self]),
        ]
    )
    package init() {}
}

extension BasaltCommand {
    /// Parses the process's arguments, runs the command they name, and ends the process with its exit code.
    package static func start() async {
        // Writing to a pipe that nobody reads is reported by write(2), where it can be handled.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            endIfOutputFailed()
            end(error)
        }
        endIfOutputFailed()
    }

    /// Whoever keeps half a document must not think that it is the whole, nor that an answer was no.
    private static func endIfOutputFailed() {
        guard let reason = Terminal.failure else { return }
        Terminal.error("error: standard output cannot be written: \(reason)\n")
        Glibc.exit(Reporting.exitCode(.environment))
    }

    /// ArgumentParser calls wrong usage 64, as sysexits.h does; ours is 2, as for most tools.
    private static func end(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        if code == .validationFailure {
            Terminal.error(fullMessage(for: error) + "\n")
            Glibc.exit(2)
        }
        exit(withError: error)
    }
}
