// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Fetching
internal import Foundation
internal import Subprocess

/// A program that runs OCI bundles: runc, or one with the same command line.
package struct ContainerRuntime: Sendable {
    let program: String
    /// What it is started in.
    var namespace = RuntimeNamespace()

    /// In the order in which they are tried.
    package static let names = ["runc", "crun"]
    /// The most bytes that a container may print.
    static let outputLimit = 1 << 20

    /// - Parameter name: a name or path to use instead of those that are tried.
    /// - Returns: nil when there is none.
    package static func find(_ name: String? = nil) -> ContainerRuntime? {
        (name.map { [$0] } ?? names).lazy.compactMap { Programs.find($0) }.first.map { ContainerRuntime(program: $0) }
    }

    private var isCrun: Bool { Self.name(program) == "crun" }

    /// Whether it only runs with cgroups of its own here (`RuntimeNamespace`).
    var needsOwnControlGroups: Bool {
        isCrun && (Privilege.current != .everyUser || !Files.exists("/sys/fs/cgroup/cgroup.controllers"))
    }

    /// The words of a call, with what is the same for all calls.
    private func words(_ root: RootDirectory, log: String, _ rest: [String]) -> [String] {
        var words = [program, "--root", root.bundle + "/state", "--log", log, "--log-format", "json"]
        // No test's container has a limit that would need one.
        if isCrun { words.append("--cgroup-manager=disabled") }
        return namespace.command(words + rest)
    }

    /// How a container ended.
    enum Ending: Hashable {
        case exited(Int, output: String)
        case timedOut(output: String)
        case tooMuchOutput
        /// The program could not be started in the container.
        case notStarted(String)
    }

    /// Runs a container to its end, and removes it.
    ///
    /// - Throws: when the runtime could not make the container at all, which says nothing about the image.
    func run(_ specification: ContainerSpecification, in root: RootDirectory, timeout: Int) async throws -> Ending {
        let identifier = "basalt-" + UUID().uuidString.lowercased()
        let log = root.bundle + "/\(identifier).log"
        let output = root.bundle + "/\(identifier).out"
        try Files.replace(root.bundle + "/config.json", with: specification.json.compact)
        let call = words(root, log: log, ["run", "--bundle", root.bundle, identifier])
        let removal = words(root, log: log + "-removal", ["delete", "--force", identifier])
        enum Raced: Sendable { case status(Int32), tooMuch, late }
        let raced = try await withThrowingTaskGroup(of: Raced.self) { group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        .name(Self.name(call[0])),
                        arguments: .init(Array(call.dropFirst())),
                        environment: Self.environment(call[0]),
                        output: .bytes(limit: Self.outputLimit),
                        error: .combinedWithOutput
                    )
                    try Files.replace(output, with: result.standardOutput)
                    switch result.terminationStatus {
                    case .exited(let code): return .status(Int32(code))
                    case .signaled(let signal): return .status(128 + Int32(signal))
                    }
                } catch let error as SubprocessError where error.code == .outputLimitExceeded {
                    return .tooMuch
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(timeout))
                return .late
            }
            let first = try await group.next() ?? .late
            if case .status = first {} else { await Self.remove(removal) }
            group.cancelAll()
            while let _ = try? await group.next() {}
            return first
        }
        await Self.remove(removal)
        let text =
            (try? Files.read(output, limit: 2 * Self.outputLimit)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        switch raced {
        case .tooMuch: return .tooMuchOutput
        case .late: return .timedOut(output: text)
        case .status(let code):
            if let problem = problem(log) {
                if Self.isAboutProgram(problem) { return .notStarted(problem) }
                throw ContainerError("container-runtime", "\(program) could not start a container: \(problem)")
            }
            return .exited(Int(code), output: text)
        }
    }

    /// Whether a runtime says that execve(2) failed: everything else is about the container, not about the image. The words are
    /// runc's (`exec: "x": executable file not found`) and crun's (`open executable: Permission denied`).
    private static func isAboutProgram(_ problem: String) -> Bool {
        let words = problem.split { !$0.isLetter }
        return (words.contains("exec") || words.contains("executable")) && !words.contains("mount")
    }

    private static func name(_ program: String) -> String {
        program.split(separator: "/").last.map(String.init) ?? program
    }

    /// The program's own directory comes first in `PATH`, which is where the library looks.
    private static func environment(_ program: String) -> Environment {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
        return .inherit.updating(["PATH": program.contains("/") ? Files.directory(of: program) + ":" + path : path])
    }

    private static func remove(_ call: [String]) async {
        _ = try? await Subprocess.run(
            .name(name(call[0])),
            arguments: .init(Array(call.dropFirst())),
            environment: environment(call[0]),
            output: .discarded,
            error: .discarded
        )
    }

    /// The first error in the runtime's log.
    private func problem(_ log: String) -> String? {
        guard let bytes = try? Files.read(log, limit: 1 << 20) else { return nil }
        for line in bytes.split(separator: 0x0A) {
            guard let entry = try? JSON(parsing: Array(line)), let level = entry["level"]?.text else { continue }
            if level == "error" || level == "fatal", let message = entry["msg"]?.text {
                if message.contains("container does not exist") { continue }
                return message
            }
        }
        return nil
    }
}
