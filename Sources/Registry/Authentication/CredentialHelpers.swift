// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Subprocess

/// The helper programs that keep registry credentials in a desktop's key ring or get them from a cloud: a program
/// `docker-credential-NAME`, called with `get`, reads the registry's name and writes a JSON object.
struct CredentialHelpers: Sendable {
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
        let output: String
        let isGood: Bool
        do {
            let result = try await Subprocess.run(
                .name(program),
                arguments: ["get"],
                input: .string(host + "\n"),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
            output = result.standardOutput
            isGood = result.terminationStatus.isSuccess
        } catch {
            throw RegistryError(
                .credentials,
                "the credential helper \(program) could not be run for \(host)",
                hint: "install it, or take its name out of the credentials file"
            )
        }
        guard isGood else {
            // The protocol's words for "none", which the programs share; other failures are failures.
            if output.contains("credentials not found") { return nil }
            throw RegistryError(.credentials, "the credential helper \(program) failed for \(host)")
        }
        guard let json = try? JSON(parsing: output), let user = json["Username"]?.text,
            let secret = json["Secret"]?.text
        else {
            throw RegistryError(.credentials, "the credential helper \(program) gave an answer that is not understood")
        }
        if user.isEmpty && secret.isEmpty { return nil }
        return user == "<token>" ? .identityToken(secret) : .password(user: user, password: secret)
    }
}
