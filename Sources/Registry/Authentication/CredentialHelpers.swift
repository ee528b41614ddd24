// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import ChildProcesses

/// The helper programs that keep registry credentials in a desktop's key ring or get them from a cloud: a program
/// `docker-credential-NAME`, called with `get`, reads the registry's name and writes a JSON object.
struct CredentialHelpers: Sendable {
    /// A key ring may have to ask its owner.
    private static let patience = Duration.seconds(120)

    /// - Returns: nil when the helper knows none for the host.
    func credentials(helper: String, host: String) async throws -> Credentials? {
        let isName = helper.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "._-".utf8.contains($0)
        }
        guard isName, !helper.isEmpty, !helper.hasPrefix(".") else {
            throw RegistryError(.credentials, "'\(helper)' is no name of a credential helper")
        }
        let program = "docker-credential-\(helper)"
        let result: ChildProcess.Result
        do {
            result = try await ChildProcess(program: program, arguments: ["get"]).run(
                input: Array((host + "\n").utf8),
                outputLimit: 1 << 20,
                deadline: Deadline(after: Self.patience)
            )
        } catch {
            throw RegistryError(
                .credentials,
                "the credential helper \(program) could not be asked for \(host): \(error.reason)",
                hint: "install it, or take its name out of the credentials file"
            )
        }
        guard result.isGood else {
            // The protocol's words for "none", which the programs share; other failures are failures.
            if String(decoding: result.output, as: UTF8.self).contains("credentials not found") { return nil }
            throw RegistryError(.credentials, "the credential helper \(program) failed for \(host)")
        }
        guard let json = try? JSON(parsing: result.output), let user = json["Username"]?.text,
            let secret = json["Secret"]?.text
        else {
            throw RegistryError(.credentials, "the credential helper \(program) gave an answer that is not understood")
        }
        if user.isEmpty && secret.isEmpty { return nil }
        return user == "<token>" ? .identityToken(secret) : .password(user: user, password: secret)
    }
}
