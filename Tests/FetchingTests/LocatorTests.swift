// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import Fetching

@Suite struct LocatorTests {
    @Test(arguments: [
        ("http://a.example/debian", "http://a.example/debian"),
        ("HTTPS://A.Example:8443", "https://a.example:8443/"),
        ("http://[::1]:80/x?y=z#f", "http://[::1]:80/x?y=z"),
        ("http://u:p@a.example/x", "http://u:p@a.example/x"),
        ("file:///srv/mirror", "file:///srv/mirror"),
        ("file://localhost/srv", "file:///srv"),
    ])
    func urlsAreRead(_ text: String, _ expected: String) throws { #expect(try Locator(text).text == expected) }

    @Test(arguments: [
        "", "debian", "ftp://a.example/", "http://", "http:///x", "file://relative", "http://a b/", "http://a:0/",
        "http://a:65536/", "http://a:x/", "http://a/\n", "http://é/",
    ])
    func othersAreRefused(_ text: String) { #expect(throws: FetchError.self) { try Locator(text) } }

    @Test func messagesShowNeitherCredentialsNorQueries() throws {
        let url = try Locator("https://user:secret@a.example/p?token=hidden")
        #expect(url.description == "https://a.example/p")
    }

    /// RFC 3986 section 5.4, as far as Location headers use it.
    @Test(arguments: [
        ("http://x.example/y", "http://x.example/y"), ("//g", "http://g/"), ("/g", "http://a/g"),
        ("g", "http://a/b/c/g"),
        ("?y", "http://a/b/c/d;p?y"), ("", "http://a/b/c/d;p?q"), ("/g?u=http://z/", "http://a/g?u=http://z/"),
    ])
    func referencesAreResolved(_ reference: String, _ expected: String) throws {
        #expect(try Locator("http://a/b/c/d;p?q").resolving(reference).text == expected)
    }

    @Test func fileNamesAreEncodedAndDecoded() throws {
        let name = "pool/g/g++_1%3a2.0+b1~rc #1?_é.deb"
        let url = try Locator("file:///srv/").appending(name)
        #expect(url.path == "/srv/pool/g/g%2B%2B_1%253a2.0%2Bb1~rc%20%231%3F_%C3%A9.deb")
        #expect(url.decodedPath == "/srv/" + name)
    }

    @Test(arguments: [
        ("https://a.example/x", "http://a.example/x"), ("http://a.example/", "file:///etc/passwd"),
        ("https://a.example/", "ftp://a.example/"),
    ])
    func redirectsToLessTrustAreNotFollowed(_ from: String, _ to: String) throws {
        #expect(throws: FetchError.self) { try HTTPTransport.destination(of: to, from: Locator(from)) }
    }
}

@Suite struct MirrorsTests {
    @Test func theFirstSourceThatKnowsARepositoryDecides() throws {
        let configured = try Mirrors.Entry(parsing: "debian=https://configured.example/debian")
        let apt = [(id: "debian", base: "http://apt.example/debian"), (id: "debian-security", base: "mirror+file:/x")]
        func bases(_ flags: [String], _ configuration: [Mirrors.Entry], _ environment: String?) throws -> [String] {
            try Mirrors(flags: flags, configuration: configuration, environment: environment, apt: apt)
                .bases(id: "debian", url: nil).map(\.text)
        }
        let environment = "debian-security=https://e.example/s\n debian=https://e.example/debian debian=file:///second"
        #expect(try bases(["debian=file:///flag"], [configured], environment) == ["file:///flag"])
        #expect(try bases([], [configured], environment) == ["https://configured.example/debian"])
        #expect(try bases([], [], environment) == ["https://e.example/debian", "file:///second"])
        #expect(try bases(["debian-security=file:///other"], [], nil) == ["http://apt.example/debian"])
    }

    @Test func aRepositoryThatNobodyKnowsIsAnErrorThatSaysWhatToDo() throws {
        #expect { try Mirrors().bases(id: "debian-security", url: nil) } throws: { error in
            guard let error = error as? FetchError else { return false }
            return error.kind == .noMirror && error.hint?.contains("--mirror debian-security=") == true
        }
    }

    @Test(arguments: [
        ("https://dl.example/alpine/v3.23/main", "file:///m/v3.23/main"),
        ("https://dl.example/alpine/v3.22/main", "file:///old/main"),
        ("https://dl.example/alpine", "file:///m"),
        ("https://dl.example/alpine2/x", "https://dl.example/alpine2/x"),
        ("https://other.example/x", "https://other.example/x"),
    ])
    func theLongestPrefixOfAURLCounts(_ url: String, _ expected: String) throws {
        let mirrors = try Mirrors(flags: [
            "https://dl.example/alpine=file:///m", "https://dl.example/alpine/v3.22=file:///old", "https=file:///no",
        ])
        #expect(try mirrors.bases(id: url, url: url).map(\.text) == [expected])
    }

    @Test(arguments: ["", "debian", "debian=", "=http://x/", "debian=ftp://x/", "debian=http://u:p@x.example/"])
    func whatIsNoMirrorIsRefused(_ text: String) {
        #expect { try Mirrors(flags: [text]) } throws: { error in
            (error as? FetchError).map { $0.kind == .invalidURL && !$0.description.contains("u:p") } == true
        }
    }
}
