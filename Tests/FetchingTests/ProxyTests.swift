// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Fetching

@Suite struct ProxyTests {
    private func fetch(_ url: String, _ environment: [String: String], trusting: [String] = []) async throws -> String {
        var settings = try HTTPTransport.Settings(environment: environment)
        try settings.authorities.add(trusting, purpose: "--ca-file")
        let sink = MemorySink(name: "x", limit: 1_000)
        _ = try await HTTPTransport(settings).send(TransportRequest(.get, try Locator(url)), into: sink)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    /// RFC 9112 section 3.2.2, "absolute-form".
    @Test func plainRequestsNameTheWholeURL() async throws {
        let proxy = try LoopbackServer { request, client in client.answer(200, text: "through the proxy") }
        defer { proxy.stop() }
        let address = "127.0.0.1:\(proxy.port)"
        let environments = [
            ["http_proxy": "http://\(address)"], ["http_proxy": address], ["all_proxy": address],
            ["ALL_PROXY": address],
            ["http_proxy": "http://user:pass%40word@\(address)/"],
        ]
        for environment in environments {
            #expect(try await fetch("http://mirror.example:8080/a%20b?c=d", environment) == "through the proxy")
        }
        for request in proxy.requests {
            #expect(request.target == "http://mirror.example:8080/a%20b?c=d")
            #expect(request.headers["host"] == "mirror.example:8080")
        }
        // "user:pass@word" in base64 (RFC 4648).
        #expect(proxy.requests.map { $0.headers["proxy-authorization"] }.last == "Basic dXNlcjpwYXNzQHdvcmQ=")
    }

    @Test func whatIsExceptedGoesStraight() async throws {
        let proxy = try LoopbackServer { _, client in client.answer(502) }
        defer { proxy.stop() }
        let server = try LoopbackServer { request, client in client.answer(200, text: request.target) }
        defer { server.stop() }
        let environment = ["http_proxy": "127.0.0.1:\(proxy.port)", "no_proxy": "example.org, 127.0.0.0/8"]
        #expect(try await fetch(server.url + "/straight", environment) == "/straight")
        // In capitals it is a header's name for programs that a web server runs.
        #expect(try await fetch(server.url + "/x", ["HTTP_PROXY": "127.0.0.1:\(proxy.port)"]) == "/x")
        #expect(try await fetch(server.url + "/y", ["http_proxy": "", "all_proxy": "127.0.0.1:\(proxy.port)"]) == "/y")
        #expect(proxy.requests.isEmpty)
    }

    @Test(.enabled(if: TLSAuthority.isAvailable, "the openssl program is not installed"))
    func secureConnectionsAreTunnelled() async throws {
        let authority = try TLSAuthority()
        let files = try TemporaryDirectory()
        try files.write(Array("content".utf8), to: "file")
        let server = try TLSServer(authority.issue("server", ["DNS:localhost"]), files: files)
        let proxy = try LoopbackServer { [port = server.port] request, client in
            guard request.headers["proxy-authorization"] == "Basic dTpw" else { return client.answer(407) }
            client.tunnel(to: port)
        }
        defer { proxy.stop() }
        let url = "https://localhost:\(server.port)/file"
        let address = "http://u:p@127.0.0.1:\(proxy.port)"
        let trust = [authority.certificate]
        #expect(try await fetch(url, ["https_proxy": address], trusting: trust) == "content")
        #expect(try await fetch(url, ["HTTPS_PROXY": address], trusting: trust) == "content")
        #expect(proxy.requests.map(\.method) == ["CONNECT", "CONNECT"])
        #expect(proxy.requests.allSatisfy { $0.target == "localhost:\(server.port)" })
        // Who is behind the tunnel is looked at as ever.
        let foreign = await failure { try await fetch(url, ["https_proxy": address]) }
        #expect(foreign?.kind == .unauthorized && foreign?.message.contains("localhost:\(server.port)") == true)
        #expect(try await fetch(url, ["https_proxy": address, "no_proxy": "localhost"], trusting: trust) == "content")
        #expect(proxy.requests.count == 3)

        let refused = await failure {
            try await fetch(url, ["https_proxy": "127.0.0.1:\(proxy.port)"], trusting: trust)
        }
        #expect(refused?.kind == .unreachable)
        #expect(refused?.message.contains("the proxy wants credentials") == true)
        #expect(refused?.message.contains("127.0.0.1:\(proxy.port)") == true)
        // An address is compared with the other end of the connection, which is the proxy.
        let address2 = await failure {
            try await fetch("https://127.0.0.1:1/", ["https_proxy": address], trusting: trust)
        }
        #expect(address2?.kind == .refused && address2?.hint?.contains("no_proxy") == true)
    }

    @Test(arguments: [
        "https://h:1", "socks4://h:1", "ftp://h", "http://", "http://h:x", "socks5://u:p@h:1", "http://h:1 ",
    ])
    func whatIsNoProxyIsAnErrorThatKeepsThePasswordToItself(_ text: String) {
        let error = #expect(throws: FetchError.self) { try ProxySettings(environment: ["https_proxy": text]) }
        #expect(error?.kind == .invalidURL)
        #expect(error?.message.contains("https_proxy") == true && error?.message.contains("u:p") == false)
    }

    @Test func proxiesAreReadAsCurlReadsThem() throws {
        func proxy(_ text: String) throws -> Proxy { try Proxy(parsing: text, variable: "x") }
        // curl's default port for a proxy is 1080 (curl(1), --proxy).
        #expect(try proxy("h").authority == "h:1080")
        #expect(try proxy("http://[::1]:3128/").authority == "[::1]:3128")
        #expect(try proxy("http://[::1]:3128/").host == "::1")
        #expect(try proxy("SOCKS5h://h:9").kind == .socks)
        #expect(try proxy("socks5://h").port == 1080)
    }

    /// From curl's own test of this (tests/unit/unit1614.c); the host, the list, and whether the list has it.
    static let exceptions: [(String, String, Bool)] = [
        ("www.example.com", "localhost,.example.com,.example.de", true),
        ("www.example.com.", "localhost,.example.com,.example.de", true),
        ("example.com", "localhost,.example.com,.example.de", true),
        ("www.example.com", "localhost,.example.com.,.example.de", true),
        ("www.example.com", "localhost,example.com,.example.de", true),
        ("nonexample.com", "localhost,.example.com,.example.de", false),
        ("nonexample.com", "localhost,example.com", false), ("example.com", "www.example.com", false),
        ("127.0.0.1", "127.0.0.1,localhost", true), ("127.0.0.1", "127.0.0.1/8,localhost,", true),
        ("127.0.0.1", "127.0.0.1/28,localhost,", true), ("127.0.0.1", "127.0.0.1/31,localhost,", true),
        ("127.0.0.1", "localhost,127.0.0.1", true), ("localhost", "localhost,127.0.0.1", true),
        ("foobar", "barfoo", false), ("foobar", "foobar", true), ("192.168.0.1", "foobar", false),
        ("192.168.0.1", "192.168.0.0/16", true), ("192.168.0.1", "192.168.0.0/24", true),
        ("192.168.0.1", "192.168.0.0/32", false), ("192.168.0.1", "192.168.0.0", false),
        ("192.168.1.1", "192.168.0.0/24", false), ("192.168.1.1", "192.168.0.0/33", false),
        ("192.168.1.1", "foo, bar, 192.168.0.0/16", true), ("[::1]", "foo, bar, 192.168.0.0/16", false),
        ("[::1]", "foo, bar, ::1/64", true), ("bar", "foo, bar, ::1/64", true), ("bar", "foo, BAR", true),
        ("bar", "foo,,,,,              bar, ::1/64", true), ("www.example.com", "foo, .example.com", true),
        ("www.example.com", "www2.example.com, .example.net", false),
        ("example.com", ".example.com, .example.net", true),
        ("a.example", "*", true), ("a.example", "*,b.example", false), ("a.example", "*.example", false),
        ("a.example", "", false), ("a.example", ".", false), ("a.example", ",", false),
    ]

    @Test(arguments: exceptions)
    func exceptionsAreReadAsCurlReadsThem(_ host: String, _ list: String, _ expected: Bool) {
        #expect(ProxyExceptions(list).contains(host) == expected)
    }

    /// What the installed curl does: a name that it does not send to the proxy cannot be resolved.
    @Test(.enabled(if: Tool.exists("curl"), "curl is not installed"))
    func theInstalledCurlDoesTheSame() async throws {
        let proxy = try LoopbackServer { _, client in client.answer(200) }
        defer { proxy.stop() }
        for (host, list, _) in Self.exceptions
        where !host.hasSuffix(".com") && !host.hasPrefix("192.") && host != "[::1]" {
            let before = proxy.requests.count
            _ = try Tool.run(
                "curl",
                [
                    "--silent", "--max-time", "5", "--connect-timeout", "1", "--resolve", "*:80:127.0.0.1",
                    "http://\(host)/",
                ],
                environment: ["http_proxy": "http://127.0.0.1:\(proxy.port)", "no_proxy": list, "NO_PROXY": list]
            )
            let isDirect = proxy.requests.count == before
            #expect(ProxyExceptions(list).contains(host) == isDirect, "\(host) in '\(list)'")
        }
    }
}
