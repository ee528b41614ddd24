// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
package import Fetching
internal import Synchronization

/// Sends requests to one registry and answers its challenges, by a token or with a password.
package final class RegistryTransport: Transport {
    private let http: any Transport
    /// Where the registry lies; credentials go nowhere else but to its token server.
    private let base: Locator
    /// The repository that every request is about.
    private let repository: String
    private let credentials: Credentials?
    /// `pull`, or `pull,push`.
    private let actions: String
    /// The Authorization that worked last, for each scope.
    private let known = Mutex<[String: String]>([:])

    package init(
        http: any Transport,
        base: Locator,
        repository: String,
        credentials: Credentials?,
        isWriting: Bool
    ) {
        self.http = http
        self.base = base
        self.repository = repository
        self.credentials = credentials
        actions = isWriting ? "pull,push" : "pull"
    }

    package func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        guard request.url.hasSameOrigin(as: base) else { return try await http.send(request, into: sink) }
        var request = request
        request.usesNetrc = false
        let scopes = scopes(of: request.url)
        let key = scopes.joined(separator: " ")
        if let value = known.withLock({ $0[key] }) { request.headers.append(("Authorization", value)) }
        let filter = ChallengeFilter(sink)
        let head = try await http.send(request, into: filter)
        guard filter.isChallenged else { return head }
        guard head.url.hasSameOrigin(as: base), let value = try await answer(head, scopes: scopes) else {
            _ = try sink.begin(head)
            return head
        }
        known.withLock { $0[key] = value }
        request.headers.removeAll { $0.name == "Authorization" }
        request.headers.append(("Authorization", value))
        return try await http.send(request, into: sink)
    }

    /// What the request needs rights for: the repository, and the one that it mounts from. The URL's path does not tell it:
    /// a repository or a tag may be called `blobs` or `manifests`, and a registry says itself where uploads go.
    private func scopes(of url: Locator) -> [String] {
        let query = (url.query ?? "").split(separator: "&")
        let origins = query.contains { $0.hasPrefix("mount=") } ? query.filter { $0.hasPrefix("from=") } : []
        return ["repository:\(repository):\(actions)"] + origins.map { "repository:\($0.dropFirst(5)):pull" }
    }

    // MARK: Challenges

    /// - Returns: the Authorization to try; nil when there is none.
    private func answer(_ head: ResponseHead, scopes: [String]) async throws -> String? {
        let challenges = head.headers("www-authenticate").flatMap(Challenge.parse)
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            if case .accessToken(let token) = credentials { return "Bearer \(token)" }
            return "Bearer " + (try await token(bearer, scopes: scopes))
        }
        if challenges.contains(where: { $0.scheme == "basic" }) { return basic }
        return nil
    }

    private var basic: String? {
        guard case .password(let user, let password) = credentials else { return nil }
        return "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
    }

    private func token(_ challenge: Challenge, scopes: [String]) async throws -> String {
        guard let text = challenge.parameters["realm"], let realm = try? Locator(text),
            realm.scheme == "https" || realm.scheme == base.scheme
        else {
            throw RegistryError(
                .unauthorized,
                "\(base.authority) names no token server that credentials could safely be sent to"
            )
        }
        var fields: [(String, String)] = []
        if let service = challenge.parameters["service"] { fields.append(("service", service)) }
        let request: TransportRequest
        if case .identityToken(let token) = credentials {
            fields += [("scope", scopes.joined(separator: " ")), ("client_id", "basalt")]
            fields += [("grant_type", "refresh_token"), ("refresh_token", token)]
            request = TransportRequest(
                .post,
                realm,
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: .bytes(Array(Self.form(fields).utf8))
            )
        } else {
            fields += scopes.map { ("scope", $0) }
            let query = [realm.query, Self.form(fields)].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "&")
            request = TransportRequest(
                .get,
                realm.with(query: query),
                headers: basic.map { [("Authorization", $0)] } ?? []
            )
        }
        let sink = MemorySink(name: "the token for \(base.authority)", limit: 1 << 20)
        let head = try await http.send(request, into: sink)
        switch head.status {
        case 408, 425, 429, 500...599:
            // Trouble, and not its last word: whoever sent the request tries again.
            throw FetchError.status(head, "the token server of \(base.authority)", from: .registry)
        default: break
        }
        guard head.status == 200, let json = try? JSON(parsing: sink.bytes),
            let token = json["token"]?.text ?? json["access_token"]?.text, !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw RegistryError(
                .unauthorized,
                "\(base.authority) gives no access\(scopes.first.map { " (\($0))" } ?? ""): its token server answers with HTTP status \(head.status)",
                hint: credentials == nil
                    ? "log in with any registry client, or let REGISTRY_AUTH_FILE name a credentials file"
                    : "the credentials may have expired, or lack the right to this repository"
            )
        }
        return token
    }

    /// application/x-www-form-urlencoded.
    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { name, value in
            var text = ""
            for byte in value.utf8 {
                let isPlain =
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._~".utf8.contains(byte)
                text += isPlain ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte]).uppercased()
            }
            return "\(name)=\(text)"
        }.joined(separator: "&")
    }
}

/// Keeps a challenge from the sink that waits for the answer behind it.
private final class ChallengeFilter: ResponseSink, @unchecked Sendable {
    private let sink: any ResponseSink
    private(set) var isChallenged = false

    init(_ sink: any ResponseSink) { self.sink = sink }

    func begin(_ head: ResponseHead) throws -> Bool {
        isChallenged = head.status == 401
        return isChallenged ? false : try sink.begin(head)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try sink.write(bytes) }
    func sent(_ count: Int) { sink.sent(count) }
}
