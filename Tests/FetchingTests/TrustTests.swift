// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Fetching

/// Which servers are believed, tried on OpenSSL's own server.
@Suite(.enabled(if: TLSAuthority.isAvailable, "the openssl program is not installed"))
struct TrustTests {
    private let directory: TemporaryDirectory
    private let authority: TLSAuthority

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(Array("content".utf8), to: "www/file")
        authority = try TLSAuthority("ours", in: directory)
    }

    private func server(_ identity: TLSAuthority.Identity, clients: String? = nil) throws -> TLSServer {
        let files = try TemporaryDirectory()
        try files.write(Array("content".utf8), to: "file")
        return try TLSServer(identity, clients: clients, files: files)
    }

    private func settings(trusting files: [String]) throws -> HTTPTransport.Settings {
        var settings = HTTPTransport.Settings()
        try settings.authorities.add(files, purpose: "the authorities of --ca-file")
        return settings
    }

    private func fetch(_ host: String, _ server: TLSServer, _ settings: HTTPTransport.Settings) async throws -> String {
        let sink = MemorySink(name: "file", limit: 1_000)
        let url = try Locator("https://\(host):\(server.port)/file")
        let head = try await HTTPTransport(settings).send(TransportRequest(.get, url), into: sink)
        #expect(head.status == 200)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func aServerIsBelievedWhoseAuthorityIsGiven(_ host: String) async throws {
        let server = try server(try authority.issue("server", ["DNS:localhost", "IP:127.0.0.1"]))
        let settings = try settings(trusting: [authority.certificate])
        #expect(settings.authorities.addedCount == 1)
        #expect(try await fetch(host, server, settings) == "content")
    }

    /// The words are OpenSSL's (`openssl errstr`, X509_verify_cert_error_string(3)).
    @Test func whoIsNotBelievedIsToldWhy() async throws {
        let other = try TLSAuthority("theirs", in: directory)
        let names = ["DNS:localhost", "IP:127.0.0.1"]
        let cases: [(TLSAuthority.Identity, [String], String)] = [
            (try authority.issue("unknown", names), [], "unable to get local issuer certificate"),
            (try authority.issue("foreign", names), [other.certificate], "unable to get local issuer certificate"),
            (try authority.issue("expired", names, days: -1), [authority.certificate], "certificate has expired"),
            (
                try authority.issue("purpose", names, use: "clientAuth"), [authority.certificate],
                "unsuitable certificate purpose"
            ),
            (try authority.issue("name", ["DNS:other.example"]), [authority.certificate], "it is another host's"),
        ]
        for (identity, files, reason) in cases {
            let server = try server(identity)
            for host in ["localhost", "127.0.0.1"] {
                let error = await failure { try await fetch(host, server, try settings(trusting: files)) }
                #expect(error?.kind == .unauthorized)
                #expect(error?.message.contains("\(host):\(server.port)") == true)
                #expect(error?.message.contains(reason) == true, "\(error?.message ?? "") is not about '\(reason)'")
                #expect(error?.hint != nil)
            }
        }
    }

    @Test func theEnvironmentReplacesTheMachinesList() async throws {
        let server = try server(try authority.issue("server", ["IP:127.0.0.1"]))
        try directory.write([], to: "hashed/.keep")
        let copied = try Tool.run("cp", [authority.certificate, directory.path("hashed/ca.pem")])
        let hashed = try Tool.run("openssl", ["rehash", directory.path("hashed")])
        #expect(copied.status == 0 && hashed.status == 0)
        let good = [
            ["SSL_CERT_FILE": authority.certificate],
            ["SSL_CERT_DIR": directory.path("hashed")],
            ["SSL_CERT_DIR": "/nonexistent:\(directory.path("hashed"))"],
        ]
        for environment in good {
            #expect(try await fetch("127.0.0.1", server, .init(environment: environment)) == "content")
        }
        // Names that are no hashes are not looked at.
        let bad = [["SSL_CERT_DIR": directory.path], ["SSL_CERT_DIR": "/nonexistent"], ["SSL_CERT_FILE": ""]]
        for environment in bad {
            let error = await failure { try await fetch("127.0.0.1", server, .init(environment: environment)) }
            #expect(error?.kind == .unauthorized)
        }
    }

    @Test func aFileThatCannotBeUsedIsNamed() throws {
        let other = try authority.issue("other", ["DNS:localhost"])
        let text = String(decoding: try Files.read(authority.certificate, limit: 1 << 16), as: UTF8.self)
        let files = [
            directory.path("missing.pem"), directory.path, other.key,
            try directory.write(
                Array("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".utf8),
                to: "a.pem"
            ),
            try directory.write(Array(text.replacing("M", with: "N").utf8), to: "b.pem"),
            try directory.write(Array(text.dropLast(40).utf8), to: "cut.pem"),
            try directory.write([0x30, 0x82, 0x01], to: "c.der"), try directory.write([], to: "empty.pem"),
            try directory.write([UInt8](repeating: 0x2D, count: (16 << 20) + 1), to: "big.pem"),
        ]
        for file in files {
            for isVariable in [false, true] {
                let error = #expect(throws: FetchError.self) {
                    _ =
                        isVariable
                        ? try HTTPTransport.Settings(environment: ["SSL_CERT_FILE": file])
                        : try settings(trusting: [file])
                }
                #expect(error?.kind == .certificate)
                #expect(error?.message.contains(file) == true)
                #expect(error?.message.contains(isVariable ? "SSL_CERT_FILE" : "--ca-file") == true)
            }
        }
    }

    @Test func severalCertificatesOfAFileAreTaken() async throws {
        let other = try TLSAuthority("theirs", in: directory)
        var bytes = Array("Text may stand before.\n".utf8)
        for file in [other.certificate, authority.certificate] { bytes += try Files.read(file, limit: 1 << 16) }
        let both = try directory.write(bytes, to: "both.pem")
        let server = try server(try authority.issue("server", ["IP:127.0.0.1"]))
        let settings = try settings(trusting: [both])
        #expect(settings.authorities.addedCount == 2)
        #expect(try await fetch("127.0.0.1", server, settings) == "content")
    }

    // MARK: certs.d

    @Test func aRegistrysDirectoryHoldsAuthoritiesAndTheClientsCertificate() async throws {
        let server = try server(
            try authority.issue("server", ["IP:127.0.0.1"]),
            clients: authority.certificate
        )
        let client = try authority.issue("client", ["DNS:client"], use: "clientAuth")
        let host = "127.0.0.1:\(server.port)"
        func place(_ file: String, _ name: String) throws {
            try directory.write(Files.read(file, limit: 1 << 16), to: "home/.config/containers/certs.d/\(host)/\(name)")
        }
        let places = HostCertificates.directories(environment: ["HOME": directory.path("home")])
        #expect(places.count == 3 && places.last == "/etc/docker/certs.d")
        #expect(try HostCertificates(authority: host, in: places) == nil)
        try place(authority.certificate, "ca.crt")
        func settings() throws -> HTTPTransport.Settings {
            let own = try #require(try HostCertificates(authority: host, in: places))
            var settings = HTTPTransport.Settings()
            try settings.authorities.add(own.authorities, purpose: "certs.d")
            settings.hostCertificates = own
            return settings
        }
        // RFC 8446 section 6.2: certificate_required; a server that speaks TLS 1.2 says handshake_failure.
        let error = await failure { try await fetch("127.0.0.1", server, try settings()) }
        #expect(error?.kind == .unauthorized)
        #expect(error?.message.contains("certificate required") == true, "\(error?.message ?? "")")
        #expect(error?.hint?.contains("certs.d") == true)

        try place(client.certificate, "client.cert")
        #expect(throws: FetchError.self) { try settings() }
        try place(client.key, "client.key")
        #expect(try await fetch("127.0.0.1", server, try settings()) == "content")

        let stranger = try TLSAuthority("theirs", in: directory).issue("stranger", ["DNS:client"], use: "clientAuth")
        try place(stranger.key, "client.key")
        #expect(throws: FetchError.self) { try HTTPTransport(settings()) }
        try place(stranger.certificate, "client.cert")
        let refused = await failure { try await fetch("127.0.0.1", server, try settings()) }
        #expect(refused?.kind == .unauthorized, "\(refused?.message ?? "")")
    }

    @Test func theFirstDirectoryThatHasTheRegistryCountsAlone() throws {
        for place in ["first", "second"] {
            try directory.write(
                Files.read(authority.certificate, limit: 1 << 16),
                to: "\(place)/r.example:5000/\(place).crt"
            )
        }
        try directory.write([], to: "second/r.example/x.crt")
        let places = ["none", "first", "second"].map { directory.path($0) }
        let found = try HostCertificates(authority: "r.example:5000", in: places)
        #expect(found?.authorities == [directory.path("first/r.example:5000/first.crt")])
        // The port counts as it is written (containers-certs.d(5)).
        #expect(try HostCertificates(authority: "r.example", in: places)?.authorities.count == 1)
        #expect(try HostCertificates(authority: "r.example:443", in: places) == nil)
        #expect(try HostCertificates(authority: "../second/r.example", in: places) == nil)
        #expect(try HostCertificates(authority: "..", in: places) == nil)
    }
}
