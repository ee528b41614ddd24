// SPDX-License-Identifier: Apache-2.0

internal import ChildProcesses
internal import Foundation

/// Runs git to read a checkout's history, and nothing else: whoever can write the repository's own configuration must not get
/// a program run by a build. The user's configuration is the user's, and so are its rules about others' checkouts
/// (`safe.directory`).
struct GitCommand {
    /// Where it looks for a repository, there and above.
    let directory: String

    private static let patience = Duration.seconds(60)
    private static let complaintLimit = 300

    /// No pager, no monitor of the file system and no hook; no lock; objects as they are, without those that replace them.
    private static let options = [
        "--no-pager", "--no-optional-locks", "--no-replace-objects", "-c", "core.fsmonitor=false", "-c",
        "core.hooksPath=/dev/null",
    ]

    /// Another repository, index or store of objects than the checkout's own must not come from the environment: a build may be
    /// run by a hook. In a partial clone git would fetch what is missing, with the programs that the repository's configuration
    /// names; there is no protocol that it may do so with.
    static func environment(_ own: [String: String]) -> [String: String] {
        let kept = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_COUNT", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH"]
        var environment = own.filter { name, _ in
            !name.hasPrefix("GIT_") || kept.contains(name) || name.hasPrefix("GIT_CONFIG_KEY_")
                || name.hasPrefix("GIT_CONFIG_VALUE_")
        }
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        environment["GIT_ALLOW_PROTOCOL"] = ""
        environment["GIT_NO_LAZY_FETCH"] = "1"
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["LC_ALL"] = "C"
        return environment
    }

    /// - Throws: `no-git` when it cannot be run to its end.
    func run(_ arguments: [String], outputLimit: Int = 1 << 16) async throws(BuildError) -> ChildProcess.Result {
        let process = ChildProcess(
            program: "git",
            arguments: Self.options + ["-C", directory] + arguments,
            environment: Self.environment(ProcessInfo.processInfo.environment)
        )
        do {
            return try await process.run(
                input: [],
                outputLimit: outputLimit,
                deadline: Deadline(after: Self.patience)
            )
        } catch {
            throw BuildError(
                "no-git",
                "git could not be asked for the commit of '\(directory)': \(error.reason)",
                hint: "say which commit it is with --source-commit"
            )
        }
    }

    /// The first line of what it complained about, fit to be printed.
    static func complaint(_ result: ChildProcess.Result) -> String {
        let line = result.complaint.split(whereSeparator: \.isNewline).first ?? "it does not say why"
        let printable = line.unicodeScalars.prefix(complaintLimit).filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(printable))
    }
}
