// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Foundation
internal import Glibc

/// Runs a program with an input and a bounded output, and waits no longer than a deadline.
///
/// The input is a file without a name, so that a program which ends without reading it disturbs nobody.
package struct ChildProcess: Sendable {
    package struct Result: Sendable {
        package var output: [UInt8]
        /// The beginning of what it wrote to standard error.
        package var complaint: String
        /// Whether it ended with status 0.
        package var isGood: Bool
    }

    /// The program could not be run to its end.
    package struct Failure: Error, Equatable {
        /// For whoever knows which program it was: `the program could not be run: No such file or directory`.
        package let reason: String
    }

    private let program: String
    private let arguments: [String]
    private let environment: [String: String]

    private static let complaintLimit = 1 << 16

    /// - Parameters:
    ///   - program: a path, or a name that is looked for in PATH.
    ///   - environment: nil for this program's own.
    package init(program: String, arguments: [String], environment: [String: String]? = nil) {
        self.program = program
        self.arguments = arguments
        self.environment = environment ?? ProcessInfo.processInfo.environment
    }

    private func failure(_ reason: String) -> Failure { Failure(reason: reason) }

    private func failure(_ action: String, _ code: Int32) -> Failure {
        failure("\(action): \(String(cString: strerror(code)))")
    }

    /// Runs it while a thread of its own waits: waiting for a program is no work for the threads that tasks share.
    package func run(input: [UInt8], outputLimit: Int, deadline: Deadline) async throws(Failure) -> Result {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Swift.Result<Result, Failure>, Never>) in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Swift.Result { () throws(Failure) in
                        try runWaiting(input: input, outputLimit: outputLimit, deadline: deadline)
                    }
                )
            }
        }
        return try result.get()
    }

    private func runWaiting(input: [UInt8], outputLimit: Int, deadline: Deadline) throws(Failure) -> Result {
        guard let file = tmpfile() else { throw failure("its input cannot be written", errno) }
        defer { fclose(file) }
        guard fwrite(input, 1, input.count, file) == input.count, fflush(file) == 0, fseek(file, 0, SEEK_SET) == 0
        else {
            throw failure("its input cannot be written", errno)
        }
        let output = try makePipe()
        defer { close(output.read) }
        let complaint = try makePipe()
        defer { close(complaint.read) }
        let started = Swift.Result { () throws(Failure) in
            try spawn(fileno(file), output.write, complaint.write)
        }
        close(output.write)
        close(complaint.write)
        let process = try started.get()
        do {
            let (bytes, text) = try collect(output.read, complaint.read, outputLimit, deadline)
            let status = try wait(process, deadline)
            return Result(output: bytes, complaint: String(decoding: text, as: UTF8.self), isGood: status == 0)
        } catch {
            kill(process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            throw error
        }
    }

    private func makePipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw failure("no pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private func spawn(_ input: Int32, _ output: Int32, _ complaint: Int32) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(input, 0), (output, 1), (complaint, 2)] {
            posix_spawn_file_actions_adddup2(&actions, from, Int32(to))
        }
        // What this program ignores, others expect as it was; and the threads of a pool have all signals blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw failure("the program could not be run", code) }
        return process
    }

    /// Reads both outputs to their ends.
    private func collect(
        _ output: Int32,
        _ complaint: Int32,
        _ limit: Int,
        _ deadline: Deadline
    ) throws(Failure) -> (output: [UInt8], complaint: [UInt8]) {
        var collected: [Int32: [UInt8]] = [:]
        var open = [output, complaint]
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while !open.isEmpty {
            var waiting = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let ready = poll(&waiting, nfds_t(waiting.count), deadline.milliseconds)
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { throw failure("it took too long") }
            for entry in waiting where entry.revents != 0 {
                let count = read(entry.fd, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    open.removeAll { $0 == entry.fd }
                    continue
                }
                if entry.fd == complaint {
                    // Whoever complains at length is heard at the beginning.
                    let room = Self.complaintLimit - collected[complaint, default: []].count
                    collected[complaint, default: []] += buffer[..<min(count, room)]
                } else {
                    collected[output, default: []] += buffer[..<count]
                    guard collected[output, default: []].count <= limit else {
                        throw failure("its answer is longer than \(limit) bytes")
                    }
                }
            }
        }
        return (collected[output] ?? [], collected[complaint] ?? [])
    }

    /// - Returns: the status as wait(2) gives it: 0 for success.
    private func wait(_ process: pid_t, _ deadline: Deadline) throws(Failure) -> Int32 {
        while true {
            var status: Int32 = 0
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0 && errno != EINTR { throw failure("its end cannot be waited for", errno) }
            // It has closed its outputs, so it ends at once or not at all.
            guard deadline.milliseconds > 0 else { throw failure("it took too long") }
            _ = poll(nil, 0, 5)
        }
    }
}
