// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
internal import Building
internal import Cryptography
internal import Fetching
internal import Foundation
internal import Glibc
internal import Signing

/// Keys to sign images with.
package struct KeyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make keys to sign images with.",
        subcommands: [Generate.self]
    )
    package init() {}

    package struct Generate: AsyncParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "generate",
            abstract: "Make an ECDSA P-256 key pair: PREFIX.key and PREFIX.pub.",
            discussion: """
                The private key is encrypted as cosign does it, with a password from --password-file, from \
                BASALT_KEY_PASSWORD or from the terminal. Existing files are never overwritten.

                Examples:
                  basalt key generate
                  basalt key generate --output keys/signing/release \\
                    --password-file /run/secrets/password
                """
        )

        @Option(name: [.short, .long], help: ArgumentHelp("Where the files go.", valueName: "prefix"))
        var output: String = "keys/signing/basalt"

        @Option(name: .long, help: ArgumentHelp("A file with the password.", valueName: "file"))
        var passwordFile: String?

        @Flag(name: .long, help: "Write the private key as plain PKCS #8, for a place that only the signer can read.")
        var noPassword = false

        package init() {}

        package func validate() throws {
            if noPassword && passwordFile != nil {
                throw ValidationError("--no-password and --password-file exclude each other")
            }
        }

        package func run() async throws {
            try await Reporting.run(.text) {
                // `--output release.key` names the pair by its private half.
                let prefix = output.hasSuffix(".key") ? String(output.dropLast(4)) : output
                // Before a password is asked for.
                for path in [prefix + ".key", prefix + ".pub"] where FileStatus(ofLink: path) != nil {
                    throw KeyFile.taken(path)
                }
                let key = try PrivateKey.generate()
                var text = key.pem
                if !noPassword {
                    guard let password = try SigningKey.newPassword(passwordFile), !password.isEmpty else {
                        throw BuildError(
                            "no-password",
                            "there is no password for the new key",
                            hint: "give --password-file or BASALT_KEY_PASSWORD, or --no-password for an unencrypted key"
                        )
                    }
                    text = try EncryptedKey.seal(key, password: password)
                }
                let directory = Files.directory(of: Files.absolute(prefix))
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try KeyFile.write(text, to: prefix + ".key", mode: 0o600)
                do {
                    try KeyFile.write(key.publicKey.pem, to: prefix + ".pub", mode: 0o644)
                } catch {
                    // Half a pair would only be in the way of the next attempt.
                    unlink(prefix + ".key")
                    throw error
                }
                Terminal.out("\(prefix).key\n\(prefix).pub\n")
            }
        }
    }
}

/// Writes key files, which must be new: overwriting a key loses what it signed.
enum KeyFile {
    static func taken(_ path: String) -> BuildError {
        BuildError(
            "cannot-write",
            "'\(path)' is there already, and a key is never overwritten",
            hint: "give another name with --output, or move the old pair away"
        )
    }

    static func write(_ text: String, to path: String, mode: mode_t) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else {
            if errno == EEXIST { throw taken(path) }
            throw BuildError(
                "cannot-write",
                "'\(path)' cannot be made: \(String(cString: strerror(errno)))",
                hint: "give a place that you may write with --output"
            )
        }
        defer { close(file) }
        // The umask may take bits away, which is right; O_EXCL makes sure that nobody else's file gets them.
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            unlink(path)
            throw BuildError("cannot-write", "'\(path)' cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
