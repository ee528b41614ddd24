// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Fetching

/// Finds credentials where other registry clients keep them: the JSON file that they share, and its helper programs.
///
/// Looked at, in this order: `$REGISTRY_AUTH_FILE`; `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`;
/// `$XDG_RUNTIME_DIR/containers/auth.json`; `~/.config/containers/auth.json`. The first with an entry counts.
package struct CredentialStore: Sendable {
    private let files: [String]
    private let isFirstRequired: Bool
    private let helpers: CredentialHelpers

    package init(environment: [String: String]) {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        var files: [String] = []
        if let file = variable("REGISTRY_AUTH_FILE") { files.append(file) }
        isFirstRequired = !files.isEmpty
        if let directory = variable("DOCKER_CONFIG") ?? variable("HOME").map({ $0 + "/.docker" }) {
            files.append(directory + "/config.json")
        }
        if let directory = variable("XDG_RUNTIME_DIR") { files.append(directory + "/containers/auth.json") }
        if let directory = variable("XDG_CONFIG_HOME") ?? variable("HOME").map({ $0 + "/.config" }) {
            files.append(directory + "/containers/auth.json")
        }
        self.files = files
        helpers = CredentialHelpers()
    }

    /// The credentials for a repository; nil when nobody has any.
    package func credentials(host: String, repository: String) async throws -> Credentials? {
        for (index, file) in files.enumerated() {
            guard Files.exists(file) else {
                if index == 0 && isFirstRequired {
                    throw RegistryError(.credentials, "REGISTRY_AUTH_FILE names '\(file)', which does not exist")
                }
                continue
            }
            let json: JSON
            do {
                json = try JSON(parsing: try Files.read(file, limit: 1 << 24))
            } catch {
                throw RegistryError(.credentials, "the credentials file '\(file)' cannot be read: \(error)")
            }
            if let found = try await find(host: host, repository: repository, in: json, file: file) { return found }
        }
        return nil
    }

    private func find(host: String, repository: String, in json: JSON, file: String) async throws -> Credentials? {
        if let helper = json["credHelpers"]?[host]?.text {
            return try await helpers.credentials(helper: helper, host: host)
        }
        // An entry for a part of the registry goes before one for the whole.
        let entries = (json["auths"]?.members ?? []).map { (Self.place($0.0), $0.1) }
        var path = "\(host)/\(repository)"
        while true {
            for (place, entry) in entries where place == path {
                if let credentials = try Self.credentials(entry, file: file) { return credentials }
            }
            guard let slash = path.lastIndex(of: "/") else { break }
            path = String(path[..<slash])
        }
        if let helper = json["credsStore"]?.text, !helper.isEmpty {
            return try await helpers.credentials(helper: helper, host: host)
        }
        return nil
    }

    /// `https://host/v1/` and the like are older ways of writing `host`.
    private static func place(_ key: String) -> String {
        var text = key[...]
        for scheme in ["https://", "http://"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
        while text.hasSuffix("/") { text = text.dropLast() }
        for version in ["/v1", "/v2"] where text.hasSuffix(version) { text = text.dropLast(3) }
        return String(text)
    }

    private static func credentials(_ entry: JSON, file: String) throws -> Credentials? {
        func text(_ name: String) -> String? { entry[name]?.text.flatMap { $0.isEmpty ? nil : $0 } }
        if let token = text("identitytoken") { return .identityToken(token) }
        if let token = text("registrytoken") { return .accessToken(token) }
        if let encoded = text("auth") {
            guard let bytes = Base64.decode(encoded), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
                throw RegistryError(.credentials, "an entry of '\(file)' is not the base64 of user:password")
            }
            return .password(
                user: String(decoding: bytes[..<colon], as: UTF8.self),
                password: String(decoding: bytes[(colon + 1)...].filter { $0 != 0 }, as: UTF8.self)
            )
        }
        if let user = text("username"), let password = text("password") {
            return .password(user: user, password: password)
        }
        return nil
    }
}
