// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation
internal import Signing
internal import TestSupport
internal import Testing

/// Key files and their passwords, as users handle them: with the program.
@Suite("Key files")
struct KeyFileTests {
    private let directory: EvidenceTests.TemporaryDirectory

    init() throws { directory = try EvidenceTests.TemporaryDirectory() }

    /// The public key that the program reads out of a private one.
    private func publicKey(_ key: String, _ more: [String] = [], environment: [String: String] = [:]) throws
        -> Tool.Output
    {
        try Basalt.run(["signer", "public-key", "--key", key] + more, environment: environment)
    }

    @Test(arguments: ["file", "BASALT_KEY_PASSWORD", "COSIGN_PASSWORD"])
    func takesThePasswordFrom(place: String) throws {
        let prefix = directory.path + "/k"
        // An editor's line break is not part of the password.
        let file = try directory.write("correct horse\n", to: "password")
        let wrong = try directory.write("wrong", to: "wrong")
        let isFile = place == "file"
        let arguments = isFile ? ["--password-file", file] : []
        let environment = isFile ? [:] : [place: "correct horse"]
        let made = try Basalt.run(["key", "generate", "--output", prefix] + arguments, environment: environment)
        #expect(made.status == 0, "\(made.stderr)")
        let text = try String(contentsOfFile: prefix + ".key", encoding: .utf8)
        #expect(text.hasPrefix("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"))
        let expected = try String(contentsOfFile: prefix + ".pub", encoding: .utf8)
        let more = isFile ? ["--key-password-file", file] : []
        #expect(try publicKey(prefix + ".key", more, environment: environment).text == expected)
        let refused = try publicKey(prefix + ".key", ["--key-password-file", wrong])
        #expect(refused.status == 3 && refused.stdout.isEmpty && refused.stderr.contains("password"))
        // Nobody is asked where there is no terminal.
        let none = try publicKey(prefix + ".key")
        #expect(none.status == 3 && none.stderr.contains("no password was given"))
        // Existing keys are never overwritten.
        #expect(
            try Basalt.run(["key", "generate", "--output", prefix] + arguments, environment: environment).status == 3
        )
    }

    @Test(.enabled(if: Tool.exists("python3"), "python3, which plays the person at the terminal, is not installed"))
    func asksForThePasswordOnATerminal() throws {
        let prefix = directory.path + "/k"
        let script = #"""
            import os, pty, sys
            answers, arguments = sys.argv[1].split(","), sys.argv[2:]
            process, terminal = pty.fork()
            if process == 0:
                os.execv(arguments[0], arguments)
            seen = b""
            while True:
                try:
                    data = os.read(terminal, 1024)
                except OSError:
                    break
                if not data:
                    break
                seen += data
                if answers and seen.rstrip(b" ").endswith(b":"):
                    os.write(terminal, answers.pop(0).encode() + b"\n")
                    seen += b"|"
            sys.stdout.write(seen.decode())
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
            """#
        func typing(_ answers: String, _ arguments: [String]) throws -> Tool.Output {
            try Tool.run("python3", ["-c", script, answers, Basalt.path] + arguments)
        }
        let different = try typing("one,two", ["key", "generate", "--output", prefix])
        #expect(different.status == 3 && different.text.contains("not the same"))
        let made = try typing("secret,secret", ["key", "generate", "--output", prefix])
        #expect(made.status == 0, "\(made.text)")
        // The password is not shown.
        #expect(!made.text.contains("secret"))
        let read = try typing("secret", ["signer", "public-key", "--key", prefix + ".key"])
        #expect(read.status == 0 && read.text.contains("BEGIN PUBLIC KEY"))
        #expect(try typing("wrong", ["signer", "public-key", "--key", prefix + ".key"]).status == 3)
    }

    /// The forms that OpenSSL writes, and the public key that it finds in them.
    @Test(
        .enabled(if: Tool.exists("openssl"), "openssl is not installed"),
        arguments: [
            ["pkcs8", "-topk8", "-nocrypt"], ["ec"], ["pkcs8", "-topk8", "-passout", "pass:secret"],
            ["pkcs8", "-topk8", "-passout", "pass:secret", "-scrypt"],
        ]
    )
    func readsOpenSSLsFormats(_ conversion: [String]) throws {
        let source = directory.path + "/source.pem"
        let key = directory.path + "/key.pem"
        let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        #expect(try Tool.run("openssl", ["genpkey"] + curve + ["-out", source]).status == 0)
        #expect(try Tool.run("openssl", conversion + ["-in", source, "-out", key]).status == 0)
        let expected = try Tool.run("openssl", ["pkey", "-in", source, "-pubout"]).text
        #expect(try publicKey(key, environment: ["BASALT_KEY_PASSWORD": "secret"]).text == expected)
        if conversion.contains("-passout") {
            #expect(try publicKey(key, environment: ["BASALT_KEY_PASSWORD": "Secret"]).status == 3)
        }
    }
}
