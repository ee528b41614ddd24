// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Fetching

@Suite struct NetrcTests {
    private let text = """
        # mirrors
        machine a.example login user password pass#word
        machine B.example
          login other   # a remark
          password second
        machine c.example password only
        default login anonymous password guest
        machine late.example login x password y
        """

    @Test(arguments: [
        ("a.example", "user:pass#word"), ("b.example", "other:second"), ("c.example", nil),
        ("d.example", "anonymous:guest"),
        ("late.example", "anonymous:guest"),
    ])
    func theFirstEntryThatFitsCounts(_ host: String, _ expected: String?) {
        #expect(Netrc(parsing: text).userinfo(host: host) == expected)
    }

    @Test(arguments: ["", "machine", "login x", "machine a login", "password p machine"])
    func fragmentsAreHarmless(_ text: String) { #expect(Netrc(parsing: text).userinfo(host: "a") == nil) }

    @Test func aMirrorGetsItsPasswordAndAnotherHostDoesNot() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(Array("machine 127.0.0.1 login user password secret".utf8), to: "netrc")
        let server = try LoopbackServer { request, client in
            request.headers["authorization"] == nil ? client.answer(401) : client.answer(200, text: "in")
        }
        defer { server.stop() }
        for (name, expected) in [("127.0.0.1", 200), ("localhost", 401)] {
            let transport = try HTTPTransport(.init(environment: ["NETRC": file]))
            let sink = MemorySink(name: "x", limit: 10)
            let url = try Locator("http://\(name):\(server.port)/")
            #expect(
                try await transport.send(TransportRequest(.get, url, usesNetrc: true), into: sink).status == expected
            )
        }
        // "user:secret" in base64 (RFC 4648).
        #expect(server.requests.first?.headers["authorization"] == "Basic dXNlcjpzZWNyZXQ=")
    }
}
