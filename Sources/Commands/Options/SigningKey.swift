// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import Cryptography
internal import Fetching
internal import Foundation
internal import Glibc
internal import Signing

/// Reads private keys and their passwords. A password comes from a file, the environment or a terminal, never from an
/// argument, which every user of the machine could read.
enum SigningKey {
    static func read(_ path: String, passwordFile: String?) throws -> PrivateKey {
        try KeyReading.read(path, .private) { text in
            try PrivateKey.read(text) { try password(passwordFile, key: path) }
        }
    }

    /// The password for a key that is being made; asked for twice on a terminal.
    static func newPassword(_ file: String?) throws -> [UInt8]? {
        if let given = try stated(file) { return given }
        guard isatty(0) == 1, let first = prompt("Password of the new key: ") else { return nil }
        guard prompt("The same again: ") == first else {
            throw BuildError("no-password", "the two passwords are not the same")
        }
        return first
    }

    /// From a file or the environment.
    private static func stated(_ file: String?) throws -> [UInt8]? {
        if let file {
            var bytes = try Files.read(file, limit: 1 << 16)
            // An editor's final line break is not part of the password.
            while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
            return bytes
        }
        let environment = ProcessInfo.processInfo.environment
        for name in ["BASALT_KEY_PASSWORD", "COSIGN_PASSWORD"] {
            if let value = environment[name] { return Array(value.utf8) }
        }
        return nil
    }

    private static func password(_ file: String?, key: String) throws -> [UInt8]? {
        if let given = try stated(file) { return given }
        guard isatty(0) == 1 else { return nil }
        return prompt("Password of \(key): ")
    }

    /// Reads a line from the terminal without showing it.
    private static func prompt(_ text: String) -> [UInt8]? {
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(0, TCSAFLUSH, &silent)
        // Now, and not before: what is typed before the terminal is silent is thrown away.
        Terminal.error(text)
        defer {
            tcsetattr(0, TCSAFLUSH, &settings)
            Terminal.error("\n")
        }
        return readLine().map { Array($0.utf8) }
    }
}
