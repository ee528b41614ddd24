// SPDX-License-Identifier: Apache-2.0

internal import Fetching
internal import Foundation
internal import Glibc

/// A private transparency log (rekor-server-v2), a timestamp authority (timestamp-server) and the trusted root for both
/// (made by cosign 3), of the machine's own programs, on loopback; all of it ends with the value.
package final class TransparencyLab: @unchecked Sendable {
    package static let programs = ["rekor-server-v2", "timestamp-server", "cosign3", "openssl"]
    package static let exists = programs.allSatisfy { find($0) != nil }
    package static let reason = "one of \(programs.joined(separator: ", ")) is not installed (BASALT_CLIENTS, PATH)"

    /// A client's path: in `$BASALT_CLIENTS/bin`, or in PATH.
    package static func find(_ name: String) -> String? {
        if let clients = ProcessInfo.processInfo.environment["BASALT_CLIENTS"] {
            let path = "\(clients)/bin/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        return Tool.find(name)
    }

    /// Held as long as the servers run.
    private let lock: OpenFile
    private let directory: TemporaryDirectory
    private let processes: [Process]
    private let front: LoopbackServer

    /// The log's URL: what the server does not serve itself (its tiles) comes from its storage, as deployments do it.
    package var log: String { front.url }
    package let authority: String
    package var trustedRoot: String { directory.path("root.json") }
    package var signingConfiguration: String { directory.path("signing.json") }

    /// Starts everything, once no other test of this machine has one: the authority's program serves its metrics on a port
    /// that cannot be chosen. A port that was free a moment ago may be taken when a server comes to it; then others are tried.
    package static func start() async throws -> TransparencyLab {
        let path = FileManager.default.temporaryDirectory.appending(path: "basalt-transparency-lab.lock").path
        let lock = try OpenFile(path, flags: O_RDWR | O_CREAT, action: "open")
        for _ in 0..<1200 where !lock.tryLock() { try await Task.sleep(for: .milliseconds(100)) }
        for _ in 0..<4 {
            if let lab = try? await TransparencyLab(lock) { return lab }
        }
        return try await TransparencyLab(lock)
    }

    private init(_ lock: OpenFile) async throws {
        self.lock = lock
        directory = try TemporaryDirectory()
        let probes = try (0..<4).map { _ in try LoopbackServer { _, _ in } }
        let ports = probes.map { String($0.port) }
        for probe in probes { probe.stop() }
        try Self.makeKeys(directory)
        let folder = directory
        func path(_ name: String) -> String { folder.path(name) }
        processes = [
            try Self.start(
                "rekor-server-v2",
                [
                    "serve", "--storage-dir", path("log"), "--signer-filepath", path("log.key"), "--hostname",
                    "rekor.lab.local", "--http-address", "127.0.0.1", "--http-port", ports[0], "--grpc-address",
                    "127.0.0.1", "--grpc-port", ports[1], "--http-metrics-port", ports[2], "--checkpoint-interval",
                    "500ms",
                ]
            ),
            try Self.start(
                "timestamp-server",
                [
                    "serve", "--host", "127.0.0.1", "--port", ports[3], "--timestamp-signer", "file",
                    "--file-signer-key-path", path("tsa.key"), "--certificate-chain-path", path("chain.pem"),
                    "--disable-ntp-monitoring",
                ]
            ),
        ]
        authority = "http://127.0.0.1:\(ports[3])/api/v1/timestamp"
        let backend = "http://127.0.0.1:\(ports[0])"
        let storage = path("log")
        front = try LoopbackServer { request, connection in
            Self.answer(request, connection, backend: backend, storage: storage)
        }
        try await Self.wait(for: backend + "/healthz", of: processes[0])
        try await Self.wait(for: "http://127.0.0.1:\(ports[3])/ping", of: processes[1])
        try Self.run(
            "cosign3",
            [
                "trusted-root", "create",
                "--rekor=url=http://rekor.lab.local,public-key=\(path("log.pub")),start-time=2024-01-01T00:00:00Z,origin=rekor.lab.local",
                "--tsa=url=\(authority),certificate-chain=\(path("chain.pem"))", "--out", trustedRoot,
            ]
        )
        try Self.run(
            "cosign3",
            [
                "signing-config", "create",
                "--rekor=url=\(front.url),api-version=2,start-time=2024-01-01T00:00:00Z,operator=lab",
                "--rekor-config=ANY",
                "--tsa=url=\(authority),api-version=1,start-time=2024-01-01T00:00:00Z,operator=lab",
                "--tsa-config=EXACT:1", "--out", signingConfiguration,
            ]
        )
    }

    deinit {
        front.stop()
        for process in processes where process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
    }

    @discardableResult
    package static func run(_ name: String, _ arguments: [String]) throws -> Tool.Output {
        let output = try Tool.run(find(name) ?? name, arguments)
        guard output.status == 0 else { throw ServerFailure(text: "\(name): \(output.stderr)") }
        return output
    }

    private static func start(_ name: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: find(name) ?? name)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Waits until a program that was just started answers at all.
    private static func wait(for url: String, of process: Process) async throws {
        let http = try HTTPTransport()
        for _ in 0..<150 where process.isRunning {
            do {
                let sink = MemorySink(name: "x", limit: 1 << 20, keepsErrors: true)
                _ = try await http.send(TransportRequest(.get, Locator(url)), into: sink)
                return
            } catch {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        throw ServerFailure(text: "\(url) does not answer")
    }

    private static func makeKeys(_ directory: TemporaryDirectory) throws {
        func path(_ name: String) -> String { directory.path(name) }
        try run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", path("log.key")])
        try run("openssl", ["pkey", "-in", path("log.key"), "-pubout", "-out", path("log.pub")])
        let extensions = """
            [leaf]
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=critical,timeStamping
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid

            """
        try Data(extensions.utf8).write(to: URL(filePath: path("leaf.cnf")))
        for (name, curve) in [("root", "P-384"), ("tsa", "P-256")] {
            try run(
                "openssl",
                ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-out", path("\(name).key")]
            )
        }
        try run(
            "openssl",
            [
                "req", "-new", "-x509", "-key", path("root.key"), "-subj", "/O=lab/CN=root", "-days", "30", "-out",
                path("root.pem"), "-extensions", "v3_ca",
            ]
        )
        try run("openssl", ["req", "-new", "-key", path("tsa.key"), "-subj", "/O=lab/CN=tsa", "-out", path("tsa.csr")])
        try run(
            "openssl",
            [
                "x509", "-req", "-in", path("tsa.csr"), "-CA", path("root.pem"), "-CAkey", path("root.key"),
                "-set_serial", "2", "-days", "30", "-extfile", path("leaf.cnf"), "-extensions", "leaf", "-out",
                path("leaf.pem"),
            ]
        )
        let chain = try ["leaf.pem", "root.pem"].map { try Data(contentsOf: URL(filePath: path($0))) }
        try chain.reduce(Data(), +).write(to: URL(filePath: path("chain.pem")))
    }

    private static func answer(
        _ request: LoopbackServer.Request,
        _ connection: LoopbackServer.Connection,
        backend: String,
        storage: String
    ) {
        let prefix = "/api/v2/"
        if request.method == "GET", request.path.hasPrefix(prefix), !request.path.contains("..") {
            let file = URL(filePath: "\(storage)/\(request.path.dropFirst(prefix.count))")
            if let data = try? Data(contentsOf: file) { return connection.answer(200, body: Array(data)) }
            return connection.answer(404)
        }
        // Its own thread waits here, as the client does.
        final class Reply: @unchecked Sendable { var status = 502, body: [UInt8] = [] }
        let reply = Reply()
        let done = DispatchSemaphore(value: 0)
        Task {
            defer { done.signal() }
            let sink = MemorySink(name: "x", limit: 1 << 20, keepsErrors: true)
            guard let http = try? HTTPTransport(), let url = try? Locator(backend + request.target) else { return }
            let message = TransportRequest(
                .post,
                url,
                headers: [("Content-Type", "application/json")],
                body: .bytes(request.body)
            )
            guard let head = try? await http.send(message, into: sink) else { return }
            (reply.status, reply.body) = (head.status, sink.bytes)
        }
        done.wait()
        connection.answer(reply.status, body: reply.body)
    }
}
