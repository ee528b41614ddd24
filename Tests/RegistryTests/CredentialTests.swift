// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Registry

@Suite struct CredentialTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func found(_ json: String, host: String = "r.example", repository: String = "team/a") async throws
        -> Credentials?
    {
        try directory.write(Array(json.utf8), to: "config.json")
        return try await CredentialStore(environment: ["DOCKER_CONFIG": directory.path])
            .credentials(host: host, repository: repository)
    }

    /// "user:pass:word" in base64 (RFC 4648).
    @Test func anEntryIsUserColonPassword() async throws {
        let expected = Credentials.password(user: "user", password: "pass:word")
        for key in ["r.example", "https://r.example", "https://r.example/v1/", "http://r.example/v2", "r.example/team"]
        {
            #expect(try await found(#"{"auths":{"\#(key)":{"auth":"dXNlcjpwYXNzOndvcmQ="}}}"#) == expected)
        }
        for key in ["other.example", "r.example:5000", "r.example/te", "r.example/team/a/b"] {
            #expect(try await found(#"{"auths":{"\#(key)":{"auth":"dXNlcjpwYXNzOndvcmQ="}}}"#) == nil)
        }
    }

    @Test func theEntryForAPartOfTheRegistryCounts() async throws {
        let json =
            #"{"auths":{"r.example":{"username":"all","password":"1"},"r.example/team":{"username":"team","password":"2"}}}"#
        #expect(try await found(json) == .password(user: "team", password: "2"))
        #expect(try await found(json, repository: "other") == .password(user: "all", password: "1"))
    }

    @Test func tokensAreTaken() async throws {
        #expect(try await found(#"{"auths":{"r.example":{"auth":"dTpw","identitytoken":"t"}}}"#) == .identityToken("t"))
        #expect(try await found(#"{"auths":{"r.example":{"registrytoken":"t"}}}"#) == .accessToken("t"))
        #expect(try await found(#"{"auths":{"r.example":{}}}"#) == nil)
    }

    @Test(arguments: [
        #"{"auths":{"r.example":{"auth":"***"}}}"#, #"{"auths":{"r.example":{"auth":"dXNlcg=="}}}"#, "{",
        #"{"credHelpers":{"r.example":"../x"}}"#,
    ])
    func whatCannotBeReadIsAnError(_ json: String) async {
        await #expect(throws: RegistryError.self) { try await found(json) }
    }

    @Test func theFileThatTheEnvironmentNamesGoesFirstAndMustBeThere() async throws {
        try directory.write(Array(#"{"auths":{"r.example":{"username":"a","password":"b"}}}"#.utf8), to: "auth.json")
        let file = directory.path("auth.json")
        let store = CredentialStore(environment: ["REGISTRY_AUTH_FILE": file, "HOME": "/nonexistent"])
        #expect(try await store.credentials(host: "r.example", repository: "x") == .password(user: "a", password: "b"))
        let missing = CredentialStore(environment: ["REGISTRY_AUTH_FILE": file + "x"])
        await #expect(throws: RegistryError.self) { try await missing.credentials(host: "r.example", repository: "x") }
        #expect(try await CredentialStore(environment: [:]).credentials(host: "r.example", repository: "x") == nil)
    }

    /// A program that ends without reading closes the pipe that others would write to.
    @Test func helpersThatDoNotReadAreFine() async throws {
        let answer = #"{"Username":"u","Secret":"s"}"#
        let path = try directory.write(
            Array("#!/bin/sh\nexec 0<&-\necho '\(answer)'\n".utf8),
            to: "bin/docker-credential-deaf"
        )
        chmod(path, 0o755)
        let mute = try directory.write(Array("#!/bin/sh\nexit 3\n".utf8), to: "bin/docker-credential-mute")
        chmod(mute, 0o755)
        let json = #"{"credsStore":"deaf","credHelpers":{"mute.example":"mute"}}"#
        try directory.write(Array(json.utf8), to: "config.json")
        let root = directory.path
        await #expect(processExitsWith: .success) { [root = root as String] in
            setenv("PATH", root + "/bin:/usr/bin:/bin", 1)
            let store = CredentialStore(environment: ["DOCKER_CONFIG": root])
            // Longer than a pipe holds, so that whoever wrote it to one would have to wait, or be told that nobody reads.
            let host = String(repeating: "h", count: 200_000)
            for _ in 0..<20 {
                await #expect(throws: Never.self) {
                    let found = try await store.credentials(host: host, repository: "a")
                    #expect(found == .password(user: "u", password: "s"))
                }
                await #expect(throws: RegistryError.self) {
                    try await store.credentials(host: "mute.example", repository: "a")
                }
            }
        }
    }

    @Test func helpersAreAsked() async throws {
        let script = """
            #!/bin/sh
            read -r host
            case "$1 $host" in
            "get r.example") echo '{"ServerURL":"r.example","Username":"u","Secret":"s"}' ;;
            "get t.example") echo '{"Username":"<token>","Secret":"s"}' ;;
            "get none.example") echo "credentials not found in native keychain"; exit 1 ;;
            *) echo broken; exit 1 ;;
            esac
            """
        let path = try directory.write(Array(script.utf8), to: "bin/docker-credential-basalt-test")
        chmod(path, 0o755)
        let json = #"{"credsStore":"basalt-test","credHelpers":{"bad.example":"basalt-none"}}"#
        try directory.write(Array(json.utf8), to: "config.json")
        let root = directory.path
        await #expect(processExitsWith: .success) { [root = root as String] in
            setenv("PATH", root + "/bin:/usr/bin:/bin", 1)
            let store = CredentialStore(environment: ["DOCKER_CONFIG": root])
            func found(_ host: String) async throws -> Credentials? {
                try await store.credentials(host: host, repository: "a")
            }
            await #expect(throws: Never.self) {
                let answer = try await found("r.example")
                #expect(answer == .password(user: "u", password: "s"))
            }
            await #expect(throws: Never.self) {
                let answer = try await found("t.example")
                #expect(answer == .identityToken("s"))
            }
            await #expect(throws: Never.self) {
                let answer = try await found("none.example")
                #expect(answer == nil)
            }
            await #expect(throws: RegistryError.self) { try await found("broken.example") }
            await #expect(throws: RegistryError.self) { try await found("bad.example") }
        }
    }
}
