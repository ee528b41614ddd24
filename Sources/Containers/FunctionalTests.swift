// SPDX-License-Identifier: Apache-2.0

package import Definitions
internal import FileTree
internal import OCI
package import Standards

/// Runs what can only be seen in a container: the definition's own tests, and whether the image starts with a read-only root.
package struct FunctionalTests: Sendable {
    package struct Options: Sendable {
        /// nil where there is none; every test is skipped then.
        package var runtime: ContainerRuntime?
        /// Seconds for one command, where the definition states none.
        package var timeout = 60
        /// Milliseconds since the epoch.
        package var now: @Sendable () -> Int
        package init(runtime: ContainerRuntime?, now: @escaping @Sendable () -> Int) {
            self.runtime = runtime
            self.now = now
        }
    }

    private static let longestTimeout = 3600
    /// The most of a command's output that a report repeats, in characters.
    private static let shownOutput = 4000
    /// How long an image that goes on running is watched, in seconds.
    private static let startTime = 5

    private let tests: [PlannedTest]
    private let image: TestedImage
    private let options: Options
    private var platform: String { image.configuration.platform.description }

    package init(_ tests: [PlannedTest], of image: TestedImage, options: Options) {
        self.tests = tests
        self.image = image
        self.options = options
    }

    package static let readOnlyRoot = "read-only-root"

    package func run() async -> [TestResult] {
        var emulation = Emulation.find(image.configuration.platform.architecture)
        let names = [Self.readOnlyRoot] + tests.map(\.name)
        func skipped(_ reason: String) -> [TestResult] {
            names.map { result($0, .skipped, reason) }
        }
        guard var runtime = options.runtime else {
            return skipped("there is no container runtime here (\(ContainerRuntime.names.joined(separator: " or ")))")
        }
        if case .impossible(let reason) = emulation { return skipped(reason) }
        do { emulation = try await prepare(&runtime, emulation) } catch { return skipped("\(error)") }
        let root: RootDirectory
        do { root = try RootDirectory(image) } catch { return skipped("the image could not be unpacked: \(error)") }
        let container = ContainerRun(image: image, root: root, runtime: runtime, emulation: emulation)
        var results = [await timed { await startReadOnly(container) }]
        for test in tests { results.append(await timed { await run(test, container) }) }
        return results
    }

    /// Gives the runtime the namespaces that it needs here.
    ///
    /// - Returns: how programs are run: where the kernel does not take an emulator, as it was.
    private func prepare(_ runtime: inout ContainerRuntime, _ emulation: Emulation) async throws -> Emulation {
        runtime.namespace.hasOwnControlGroups = runtime.needsOwnControlGroups
        if let problem = await runtime.namespace.problem() {
            throw ContainerError(
                "namespaces",
                "\(runtime.program) needs namespaces of its own here, which cannot be made: \(problem)"
            )
        }
        guard case .program(let path) = emulation else { return emulation }
        var namespace = runtime.namespace
        namespace.emulator = .init(program: path, architecture: image.configuration.platform.architecture)
        guard namespace.emulator != nil, await namespace.problem() == nil else { return emulation }
        runtime.namespace = namespace
        return .namespace(path)
    }

    private func timed(_ body: () async -> TestResult) async -> TestResult {
        let start = options.now()
        var result = await body()
        result.duration = options.now() - start
        return result
    }

    private func result(
        _ name: String,
        _ outcome: TestResult.Outcome,
        _ detail: String,
        _ output: String = ""
    ) -> TestResult {
        let shown = output.count > Self.shownOutput ? output.prefix(Self.shownOutput) + "\n…" : output[...]
        return TestResult(
            suite: .functional,
            platform: platform,
            name: name,
            outcome: outcome,
            detail: detail,
            output: shown.isEmpty ? nil : String(shown)
        )
    }

    /// Kubernetes' `readOnlyRootFilesystem`: the image's own command starts, and does not stumble over it.
    private func startReadOnly(_ container: ContainerRun) async -> TestResult {
        let name = Self.readOnlyRoot
        do {
            let process = ContainerCommand.Process(entrypoint: nil, arguments: [])
            let ending = try await container.run(process, isReadOnly: true, timeout: Self.startTime)
            switch ending {
            case .timedOut: return result(name, .passed, "it runs, still after \(Self.startTime) s\(container.note)")
            case .tooMuchOutput: return result(name, .passed, "it runs, and prints a lot\(container.note)")
            case .notStarted(let why): return result(name, .failed, "it does not start: \(why)")
            case .exited(let code, let output):
                if output.contains("Read-only file system") {
                    return result(name, .failed, "it needs to write to its root file system", output)
                }
                return result(name, .passed, "it starts, and ends with \(code)\(container.note)", output)
            }
        } catch {
            return result(name, .skipped, "\(error)")
        }
    }

    private func run(_ test: PlannedTest, _ container: ContainerRun) async -> TestResult {
        if test.commands.isEmpty { return result(test.name, .skipped, "it has no command") }
        let hasShell = image.file(at: "bin/sh") != nil
        var processes: [ContainerCommand.Process] = []
        for command in test.commands {
            switch ContainerCommand(command, hasShell: hasShell, isForHost: test.directory != nil) {
            case .process(let process): processes.append(process)
            case .unsupported(let reason): return result(test.name, .skipped, "'\(command)': \(reason)")
            }
        }
        let timeout = min(max(1, test.timeout ?? options.timeout), Self.longestTimeout)
        var output = ""
        for (index, process) in processes.enumerated() {
            let command = test.commands[index]
            do {
                switch try await container.run(process, isReadOnly: false, timeout: timeout) {
                case .timedOut: return result(test.name, .failed, "'\(command)' takes longer than \(timeout) s", output)
                case .tooMuchOutput:
                    return result(
                        test.name,
                        .failed,
                        "'\(command)' prints more than \(ContainerRuntime.outputLimit) bytes"
                    )
                case .notStarted(let why):
                    return result(test.name, .failed, "'\(command)' does not start: \(why)", output)
                case .exited(let code, let printed):
                    output += printed
                    let expected = index == processes.count - 1 ? test.exitCode : 0
                    if code != expected {
                        let detail = "'\(command)' ends with \(code), expected \(expected)"
                        return result(test.name, .failed, detail + container.note, output)
                    }
                }
            } catch {
                return result(test.name, .skipped, "\(error)")
            }
        }
        if let wanted = test.output, !output.contains(wanted) {
            return result(test.name, .failed, "the output does not contain '\(wanted)'" + container.note, output)
        }
        let count = processes.count == 1 ? "one command" : "\(processes.count) commands"
        return result(test.name, .passed, "\(count), exit code \(test.exitCode)" + container.note, output)
    }
}

/// One image's containers: its root, and how its programs are run here.
struct ContainerRun {
    let image: TestedImage
    let root: RootDirectory
    let runtime: ContainerRuntime
    let emulation: Emulation

    /// What a reader has to know of the result.
    var note: String {
        let rootless = Privilege.current == .everyUser ? "" : ", as the one user of a user namespace"
        switch emulation {
        case .native, .impossible: return rootless
        case .kernel(let name): return ", under \(name)" + rootless
        case .namespace(let path): return ", under \(Self.name(path))" + rootless
        case .program(let path): return ", under \(Self.name(path)) and without its children" + rootless
        }
    }

    private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    func run(
        _ process: ContainerCommand.Process,
        isReadOnly: Bool,
        timeout: Int
    ) async throws -> ContainerRuntime.Ending {
        var specification = try ContainerSpecification(process, in: image)
        specification.hasReadOnlyRoot = isReadOnly
        specification.users =
            switch Privilege.current {
            case .everyUser: .all
            case .namespaceRoot: .outer
            case .user: runtime.namespace.isNeeded ? .outer : .one
            }
        if case .program(let emulator) = emulation {
            guard let program = find(specification.arguments[0], specification) else {
                return .notStarted("there is no '\(specification.arguments[0])' in the image")
            }
            specification.emulator = emulator
            specification.arguments =
                [ContainerSpecification.emulatorPath, "-0", specification.arguments[0], program]
                + specification.arguments.dropFirst()
        }
        return try await runtime.run(specification, in: root, timeout: timeout)
    }

    /// The path of a program in the image, as execvp(3) finds it.
    private func find(_ name: String, _ specification: ContainerSpecification) -> String? {
        if name.hasPrefix("/") { return image.file(at: name) == nil ? nil : name }
        if name.contains("/") { return specification.directory + "/" + name }
        let path = specification.environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { image.file(at: $0) != nil }
    }
}
