// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Subprocess

/// Checks the signatures of Release files with gpgv, as apt does.
///
/// A file is accepted when at least one signature is good by a key of the keyring and none is bad by such a key;
/// signatures of unknown keys are of no account.
struct SignatureVerifier {
    /// What was signed, and by whom.
    struct Verified {
        var content: [UInt8]
        /// Full fingerprints of the primary keys with a good signature, in the order of the signatures.
        var signers: [String]
    }

    /// Binary OpenPGP keys.
    let keyring: [UInt8]
    /// Where the keys come from, for messages.
    let keyNames: String
    /// The file's name in messages.
    let name: String
    /// A lock vouches for the bytes: that a key has expired since is no error.
    let acceptsExpired: Bool

    /// Checks a clear-signed file and gives the bytes inside the signed block.
    func verify(clearSigned bytes: [UInt8]) async throws -> Verified {
        try ClearSigned.check(bytes, name: name)
        return try await inTemporaryDirectory { directory in
            try write(bytes, to: directory + "/signed")
            let status = try await gpgv(directory, ["--output", directory + "/content", directory + "/signed"])
            let signers = try judge(status.text, status.log)
            guard let content = read(directory + "/content") else {
                throw DebianError(
                    "bad-signature",
                    "\(name): gpgv accepts the signature, but gives no content\(status.log)"
                )
            }
            return Verified(content: content, signers: signers)
        }
    }

    /// Checks a file with a detached signature (`Release` and `Release.gpg`).
    func verify(_ content: [UInt8], signature: [UInt8]) async throws -> Verified {
        try await inTemporaryDirectory { directory in
            try write(content, to: directory + "/content")
            try write(signature, to: directory + "/signature")
            let status = try await gpgv(directory, [directory + "/signature", directory + "/content"])
            return Verified(content: content, signers: try judge(status.text, status.log))
        }
    }

    // MARK: gpgv

    private func gpgv(_ directory: String, _ arguments: [String]) async throws -> (text: String, log: String) {
        try write(keyring, to: directory + "/keyring.gpg")
        let all = ["--homedir", directory, "--status-fd", "1", "--keyring", directory + "/keyring.gpg"] + arguments
        do {
            let result = try await Subprocess.run(
                .name("gpgv"),
                arguments: Arguments(all),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
            let log = result.standardError.split(separator: "\n").map { "\n  " + $0 }.joined()
            return (result.standardOutput, log)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw DebianError(
                "gpgv-missing",
                "gpgv, which checks the signatures of Debian archives, is not installed",
                hint: "install it: apt-get install gpgv"
            )
        } catch {
            throw DebianError("gpgv-failed", "\(name): gpgv could not be run: \(error)")
        }
    }

    /// Applies the rule to gpgv's report; gives the good signers.
    private func judge(_ status: String, _ log: String) throws(DebianError) -> [String] {
        let signatures = SignatureStatus(parsing: status).signatures
        func first(_ verdict: SignatureStatus.Verdict) -> String? { signatures.first { $0.verdict == verdict }?.signer }
        if let signer = first(.bad) {
            throw DebianError(
                "bad-signature",
                "\(name): the signature by \(signer) is bad: the file is not what was signed",
                hint: "the file was changed on the way or is half updated: try again, or another mirror"
            )
        }
        var good = signatures.filter { $0.verdict == .good }.map(\.signer)
        if good.isEmpty, acceptsExpired {
            good = signatures.filter { $0.verdict == .expiredKey || $0.verdict == .expiredSignature }.map(\.signer)
        }
        if !good.isEmpty { return good }
        if let signer = first(.revokedKey) {
            throw DebianError("revoked-key", "\(name) is signed by \(signer), which was revoked", hint: keysHint)
        }
        if let signer = first(.expiredKey) {
            throw DebianError("expired-key", "\(name) is signed by \(signer), which has expired", hint: keysHint)
        }
        if let signer = first(.expiredSignature) {
            throw DebianError(
                "expired-signature",
                "\(name): the signature by \(signer) has expired",
                hint: "use a newer snapshot of the archive"
            )
        }
        if let signer = first(.weakDigest) {
            throw DebianError(
                "weak-signature",
                "\(name): the signature by \(signer) is made over a digest that can be forged (MD5, SHA-1 or RIPEMD-160)",
                hint: "ask the repository's owner to sign with SHA-256 or better"
            )
        }
        let unknown = signatures.filter { $0.verdict == .unknownKey }.map(\.signer)
        if !unknown.isEmpty {
            throw DebianError(
                "unknown-signer",
                "\(name) is signed by \(unknown.joined(separator: ", ")), none of which is trusted",
                hint: keysHint
            )
        }
        throw DebianError(
            "unsigned",
            "\(name) has no valid signature\(log)",
            hint: "an archive must be signed; use its InRelease, or Release with Release.gpg"
        )
    }

    private var keysHint: String { "the trusted keys are those of \(keyNames); if another one is right, add it there" }

    // MARK: Files

    private func inTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/basalt-gpgv-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw DebianError(
                "write-failed",
                "cannot make a directory below \(base): \(String(cString: strerror(errno)))",
                hint: "set TMPDIR to a directory that can be written to"
            )
        }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for file in ["keyring.gpg", "signed", "signature", "content"] { unlink(directory + "/" + file) }
            rmdir(directory)
        }
        return try await body(directory)
    }

    private func write(_ bytes: [UInt8], to path: String) throws(DebianError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        var written = 0
        if file >= 0 {
            bytes.withUnsafeBytes { buffer in
                while written < buffer.count {
                    let count = Glibc.write(file, buffer.baseAddress.map { $0 + written }, buffer.count - written)
                    if count < 0 && errno == EINTR { continue }
                    if count <= 0 { break }
                    written += count
                }
            }
            close(file)
        }
        guard file >= 0, written == bytes.count else {
            throw DebianError("write-failed", "cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }

    private func read(_ path: String) -> [UInt8]? {
        guard let file = try? MappedFile(path) else { return nil }
        return Array(file.bytes)
    }
}
