// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Fetching
import Foundation
import OCI
import TestSupport
import Testing

@testable import Registry

/// A registry program of the machine, on a port of its own, with its data in a test's directory.
private final class RegistryProcess {
    let host: String
    private let process = Process()

    /// - Parameter arguments: given the port.
    init(
        _ program: String,
        _ arguments: (Int) throws -> [String],
        environment: [String: String] = [:],
        isSecure: Bool = false
    ) async throws {
        // A port that was free a moment ago.
        let probe = try LoopbackServer { _, _ in }
        let port = Int(probe.port)
        probe.stop()
        host = "127.0.0.1:\(port)"
        process.executableURL = URL(filePath: program)
        process.arguments = try arguments(port)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let http = try HTTPTransport()
        for _ in 0..<100 {
            let sink = MemorySink(name: "x", limit: 1 << 20)
            let url = try Locator("\(isSecure ? "https" : "http")://\(host)/v2/")
            do {
                _ = try await http.send(TransportRequest(.get, url), into: sink)
                return
            } catch let error as FetchError where error.kind == .unauthorized {
                return
            } catch {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        throw ServerFailure(text: "\(program) does not answer")
    }

    deinit {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}

/// Where a program lies in PATH.
private func program(_ name: String) -> String? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
        .first(where: FileManager.default.isExecutableFile(atPath:))
}

/// Its output goes to a file, and not through a pipe, whose end a registry that another test starts meanwhile would
/// inherit and keep open.
private func run(_ path: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    let directory = try TemporaryDirectory()
    let file = try directory.write([], to: "output")
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let output = try FileHandle(forWritingTo: URL(filePath: file))
    process.standardOutput = output
    process.standardError = output
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        process.terminationHandler = { _ in continuation.resume() }
        do {
            try process.run()
        } catch {
            process.terminationHandler = nil
            continuation.resume(throwing: error)
        }
    }
    return (process.terminationStatus, String(decoding: try Files.read(file, limit: 1 << 20), as: UTF8.self))
}

@Suite(.serialized) struct RealRegistryTests {
    private let bench: ImageBench

    init() throws { bench = try ImageBench(layerSize: 3_000_000) }

    private func configuration(_ port: Int, _ more: String = "", http: String = "") throws -> [String] {
        let text = """
            version: 0.1
            log: {accesslog: {disabled: true}, level: error}
            storage: {filesystem: {rootdirectory: \(bench.directory.path("data"))}}
            http:
              addr: 127.0.0.1:\(port)
            \(http)
            \(more)
            """
        return ["serve", try bench.directory.write(Array(text.utf8), to: "config.yml")]
    }

    private func roundTrip(
        _ host: String,
        environment: [String: String] = [:],
        change: (inout ImageTransfer.Options) -> Void = { _ in }
    ) async throws -> TransferReport {
        let transfer = bench.transfer(environment: environment) {
            $0.isPlain = false
            // Chunks, so that both ways of uploading are used.
            $0.client.chunk = 1_000_000
            $0.client.retries = RetrySchedule()
            change(&$0)
        }
        let there = try ImageLocation("\(host)/team/image:1.0")
        let report = try await transfer.copy(from: .init(bench.layout), to: there)
        let again = try await transfer.copy(from: .init(bench.layout), to: there)
        #expect(again.uploaded == 0 && !again.usedFallback)
        let mounted = try await transfer.copy(from: there, to: .init("\(host)/other/place:2.0"))
        // Some registries keep one set of blobs for all repositories: there nothing is left to mount.
        #expect(mounted.uploaded == 0 && mounted.mounted + mounted.present > 0)
        let target = bench.directory.path("pulled")
        _ = try await transfer.copy(from: .init("\(host)/other/place:2.0"), to: .layout(directory: target, tag: "1.0"))
        #expect(bench.directory.files(below: "pulled/blobs") == bench.directory.files(below: "image/blobs"))
        return report
    }

    @Test(
        .enabled(
            if: program("docker-registry") != nil,
            "docker-registry, a registry without referrers API, is not installed"
        )
    )
    func aRegistryWithoutReferrersAPI() async throws {
        let registry = try await RegistryProcess(try #require(program("docker-registry")), { try configuration($0) })
        #expect(try await roundTrip(registry.host).usedFallback)
        guard let oras = program("oras") else { return }
        let found = try await run(
            oras,
            ["discover", "--plain-http", "--format", "json", "\(registry.host)/team/image:1.0"]
        )
        #expect(found.status == 0, "\(found.output)")
        #expect(found.output.contains(bench.evidence[0].hex) && found.output.contains(bench.evidence[3].hex))
        #expect(found.output.contains(MediaType.bundle))
    }

    @Test(.enabled(if: program("refregistry") != nil, "refregistry, a registry with referrers API, is not installed"))
    func aRegistryWithReferrersAPI() async throws {
        let registry = try await RegistryProcess(try #require(program("refregistry")), { ["127.0.0.1:\($0)"] })
        #expect(try await roundTrip(registry.host).usedFallback == false)
    }

    @Test(
        .enabled(
            if: program("docker-registry") != nil && program("htpasswd") != nil,
            "docker-registry or htpasswd is not installed"
        )
    )
    func aRegistryThatWantsAPassword() async throws {
        let line = try await run(try #require(program("htpasswd")), ["-Bbn", "user", "secret"]).output
        let file = try bench.directory.write(Array(line.utf8), to: "htpasswd")
        let registry = try await RegistryProcess(
            try #require(program("docker-registry")),
            { try configuration($0, "auth: {htpasswd: {realm: basic, path: \(file)}}") }
        )
        let auth = try bench.directory.write(
            Array(#"{"auths":{"\#(registry.host)":{"auth":"\#(Base64.encode(Array("user:secret".utf8)))"}}}"#.utf8),
            to: "auth.json"
        )
        #expect(try await roundTrip(registry.host, environment: ["REGISTRY_AUTH_FILE": auth]).digest == bench.root)
        let error = await failure { try await bench.push(host: registry.host) }
        #expect((error as? RegistryError)?.kind == .unauthorized)
    }

    @Test(
        .enabled(
            if: program("docker-registry") != nil && program("openssl") != nil,
            "docker-registry or openssl is not installed"
        )
    )
    func aRegistryWhoseCertificateNobodyKnowsIsNotSpokenTo() async throws {
        let key = bench.directory.path("tls.key")
        let certificate = bench.directory.path("tls.crt")
        let made = try await run(
            try #require(program("openssl")),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                "-out", certificate,
                "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
            ]
        )
        #expect(made.status == 0, "\(made.output)")
        let tls = "  tls: {certificate: \(certificate), key: \(key)}"
        let registry = try await RegistryProcess(
            try #require(program("docker-registry")),
            { try configuration($0, http: tls) },
            isSecure: true
        )
        let error = await failure { try await roundTrip(registry.host) }
        #expect((error as? FetchError)?.kind == .unauthorized)
        #expect((error as? FetchError)?.message.contains("certificate") == true)
    }
}

extension ImageBench {
    fileprivate func push(host: String) async throws -> TransferReport {
        try await transfer().copy(from: .init(layout), to: .init("\(host)/team/other:1.0"))
    }
}
