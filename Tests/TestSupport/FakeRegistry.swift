// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
internal import OCI
package import Synchronization

/// A registry in memory, as the distribution-spec has it, with switches for what real ones lack or do wrong.
package final class FakeRegistry: Sendable {
    package struct Behaviour: Sendable {
        package var hasReferrersAPI = true
        /// Whether it answers with OCI-Subject; some have the API and do not.
        package var sendsSubject = true
        /// The list of referrers as it is answered: distribution-spec gives it no order.
        package var arranges: @Sendable ([JSON]) -> [JSON] = { $0 }
        /// `user:password` that it wants, and whether it hands out tokens for them.
        package var login: String?
        package var usesTokens = false
        /// Sees each request first; true: it answered itself.
        package var intercept: @Sendable (LoopbackServer.Request, LoopbackServer.Connection, FakeRegistry) -> Bool = {
            _,
            _,
            _ in false
        }
        package init() {}
    }

    package struct Repository: Sendable {
        package var blobs: [String: [UInt8]] = [:]
        package var manifests: [String: (type: String, bytes: [UInt8])] = [:]
        package var tags: [String: String] = [:]
    }

    package struct State: Sendable {
        package var repositories: [String: Repository] = [:]
        package var sessions: [String: [UInt8]] = [:]
        /// What changed something, in order: `blob sha256:…`, `manifest sha256:…`, `tag latest`, `mount sha256:…`.
        package var log: [String] = []
        package var tokens: [String: String] = [:]
        package var counter = 0
    }

    package let state = Mutex(State())
    private let behaviour: Behaviour
    private let box = Mutex<LoopbackServer?>(nil)

    package init(_ behaviour: Behaviour = Behaviour()) throws {
        self.behaviour = behaviour
        let server = try LoopbackServer { [self] request, client in
            if !self.behaviour.intercept(request, client, self) { answer(request, client) }
        }
        box.withLock { $0 = server }
    }

    /// The requests so far.
    package var requests: [LoopbackServer.Request] { box.withLock { $0?.requests ?? [] } }

    package func stop() {
        let server = box.withLock { server in
            defer { server = nil }
            return server
        }
        server?.stop()
    }

    package var host: String { "127.0.0.1:\(box.withLock { $0?.port ?? 0 })" }
    package var log: [String] { state.withLock { $0.log } }
    package func repository(_ name: String) -> Repository { state.withLock { $0.repositories[name] ?? Repository() } }

    // MARK: Answering

    private func answer(_ request: LoopbackServer.Request, _ client: LoopbackServer.Connection) {
        let (path, query) = Self.split(request.target)
        if path == "/token" { return token(request, query, client) }
        let parts = path.split(separator: "/").map(String.init)
        guard parts.first == "v2" else { return client.answer(404) }
        let kinds = ["blobs", "manifests", "referrers"]
        guard let index = parts.lastIndex(where: { kinds.contains($0) && $0 != parts.last }) else {
            return isAllowed(request, "") ? client.answer(200) : challenge(client, "")
        }
        let name = parts[1..<index].joined(separator: "/")
        guard isAllowed(request, name) else { return challenge(client, name) }
        let rest = Array(parts[(index + 1)...])
        switch (parts[index], request.method) {
        case ("referrers", "GET"): referrers(name, rest[0], client)
        case ("manifests", "GET"), ("manifests", "HEAD"): manifest(name, rest[0], client)
        case ("manifests", "PUT"): put(name, rest[0], request, client)
        case ("blobs", "GET"), ("blobs", "HEAD"):
            if rest.first == "uploads" { status(name, rest, client) } else { blob(name, rest[0], client) }
        case ("blobs", "POST"): begin(name, query, client)
        case ("blobs", "PATCH"), ("blobs", "PUT"): upload(name, rest, query, request, client)
        default: client.answer(405)
        }
    }

    private static func split(_ target: String) -> (String, [String: String]) {
        let halves = target.split(separator: "?", maxSplits: 1).map(String.init)
        var query: [String: String] = [:]
        for pair in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            query[sides[0]] = sides.count > 1 ? sides[1].replacing("%3A", with: ":").replacing("%2F", with: "/") : ""
        }
        return (halves[0], query)
    }

    private func blob(_ name: String, _ digest: String, _ client: LoopbackServer.Connection) {
        guard let bytes = repository(name).blobs[digest] else {
            return client.answer(404, text: #"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}"#)
        }
        client.answer(200, body: bytes)
    }

    private func manifest(_ name: String, _ target: String, _ client: LoopbackServer.Connection) {
        let repository = repository(name)
        guard let manifest = repository.manifests[repository.tags[target] ?? target] else {
            return client.answer(404, text: #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
        }
        client.answer(200, headers: [("Content-Type", manifest.type)], body: manifest.bytes)
    }

    private func put(
        _ name: String,
        _ target: String,
        _ request: LoopbackServer.Request,
        _ client: LoopbackServer.Connection
    ) {
        guard let json = try? JSON(parsing: request.body) else { return client.answer(400) }
        let digest = Digest.of(request.body).description
        let repository = repository(name)
        // What a registry checks: everything that a manifest names must be there before it.
        let blobs = [json["config"]].compactMap { $0 } + (json["layers"]?.elements ?? [])
        let children = json["manifests"]?.elements ?? []
        let isFallback = target.hasPrefix("sha256-") && !target.contains(".")
        let hasBlobs = blobs.allSatisfy { repository.blobs[$0["digest"]?.text ?? ""] != nil }
        let hasChildren = isFallback || children.allSatisfy { repository.manifests[$0["digest"]?.text ?? ""] != nil }
        guard hasBlobs, hasChildren, !target.contains(":") || target == digest else {
            return client.answer(
                400,
                text: #"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#
            )
        }
        state.withLock { state in
            state.repositories[name, default: Repository()].manifests[digest] = (
                request.headers["content-type"] ?? "", request.body
            )
            if target != digest { state.repositories[name]?.tags[target] = digest }
            state.log.append(target == digest ? "manifest \(digest)" : "tag \(target)")
        }
        var headers = [("Location", "/v2/\(name)/manifests/\(digest)"), ("Docker-Content-Digest", digest)]
        if let subject = json["subject"]?["digest"]?.text, behaviour.hasReferrersAPI, behaviour.sendsSubject {
            headers.append(("OCI-Subject", subject))
        }
        client.answer(201, headers: headers)
    }

    private func referrers(_ name: String, _ subject: String, _ client: LoopbackServer.Connection) {
        guard behaviour.hasReferrersAPI else { return client.answer(404, text: "404 page not found") }
        let found = repository(name).manifests.sorted { $0.key < $1.key }.compactMap { digest, manifest -> JSON? in
            guard let json = try? JSON(parsing: manifest.bytes), json["subject"]?["digest"]?.text == subject else {
                return nil
            }
            return [
                "mediaType": .string(manifest.type), "digest": .string(digest), "size": .integer(manifest.bytes.count),
                "artifactType": json["artifactType"] ?? json["config"]?["mediaType"] ?? "a/b",
            ]
        }
        let index: JSON = [
            "schemaVersion": 2, "mediaType": .string(MediaType.index), "manifests": .array(behaviour.arranges(found)),
        ]
        client.answer(200, headers: [("Content-Type", MediaType.index)], body: index.compact)
    }

    // MARK: Uploads

    private func begin(_ name: String, _ query: [String: String], _ client: LoopbackServer.Connection) {
        if let digest = query["mount"], let from = query["from"], let bytes = repository(from).blobs[digest] {
            state.withLock { state in
                state.repositories[name, default: Repository()].blobs[digest] = bytes
                state.log.append("mount \(digest)")
            }
            return client.answer(201, headers: [("Location", "/v2/\(name)/blobs/\(digest)")])
        }
        let session = state.withLock { state in
            state.counter += 1
            state.sessions["s\(state.counter)"] = []
            return "s\(state.counter)"
        }
        client.answer(202, headers: [("Location", "/v2/\(name)/blobs/uploads/\(session)?_state=x"), ("Range", "0-0")])
    }

    private func status(_ name: String, _ rest: [String], _ client: LoopbackServer.Connection) {
        guard rest.count == 2, let bytes = state.withLock({ $0.sessions[rest[1]] }) else { return client.answer(404) }
        client.answer(
            204,
            headers: [
                ("Location", "/v2/\(name)/blobs/uploads/\(rest[1])?_state=y"),
                ("Range", "0-\(max(bytes.count - 1, 0))"),
            ]
        )
    }

    private func upload(
        _ name: String,
        _ rest: [String],
        _ query: [String: String],
        _ request: LoopbackServer.Request,
        _ client: LoopbackServer.Connection
    ) {
        guard rest.count == 2, rest[0] == "uploads", var bytes = state.withLock({ $0.sessions[rest[1]] }) else {
            return client.answer(404)
        }
        if let range = request.headers["content-range"], Int(range.prefix { $0 != "-" }) != bytes.count {
            return client.answer(416)
        }
        bytes += request.body
        if request.method == "PATCH" {
            state.withLock { $0.sessions[rest[1]] = bytes }
            return client.answer(
                202,
                headers: [
                    ("Location", "/v2/\(name)/blobs/uploads/\(rest[1])?_state=z"), ("Range", "0-\(bytes.count - 1)"),
                ]
            )
        }
        let digest = Digest.of(bytes).description
        guard query["digest"] == digest else {
            return client.answer(
                400,
                text: #"{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}"#
            )
        }
        state.withLock { state in
            state.sessions[rest[1]] = nil
            state.repositories[name, default: Repository()].blobs[digest] = bytes
            state.log.append("blob \(digest)")
        }
        client.answer(201, headers: [("Location", "/v2/\(name)/blobs/\(digest)"), ("Docker-Content-Digest", digest)])
    }

    // MARK: Authentication

    private func isAllowed(_ request: LoopbackServer.Request, _ name: String) -> Bool {
        guard let login = behaviour.login else { return true }
        let sent = request.headers["authorization"] ?? ""
        if !behaviour.usesTokens { return sent == "Basic " + Base64.encode(Array(login.utf8)) }
        guard sent.hasPrefix("Bearer "), let scope = state.withLock({ $0.tokens[String(sent.dropFirst(7))] }) else {
            return false
        }
        let needed = ["GET", "HEAD"].contains(request.method) ? "pull" : "push"
        return name.isEmpty
            || scope.split(separator: " ").contains { entry in
                let fields = entry.split(separator: ":")
                return fields.count == 3 && fields[1] == name
                    && fields[2].split(separator: ",").contains { $0 == needed }
            }
    }

    private func challenge(_ client: LoopbackServer.Connection, _ name: String) {
        let value =
            behaviour.usesTokens
            ? "Bearer realm=\"http://\(host)/token\",service=\"fake, registry\",scope=\"repository:\(name):pull\""
            : "Basic realm=\"fake\""
        client.answer(401, headers: [("WWW-Authenticate", value)], text: "{}")
    }

    private func token(
        _ request: LoopbackServer.Request,
        _ query: [String: String],
        _ client: LoopbackServer.Connection
    ) {
        let sent = request.headers["authorization"]
        guard let login = behaviour.login, sent == "Basic " + Base64.encode(Array(login.utf8)) else {
            return client.answer(401)
        }
        let scopes = request.target.split(separator: "?").last.map { $0.split(separator: "&") } ?? []
        let scope = scopes.filter { $0.hasPrefix("scope=") }.map {
            String($0.dropFirst(6)).replacing("%3A", with: ":").replacing("%2F", with: "/").replacing("%2C", with: ",")
        }.joined(separator: " ")
        let token = state.withLock { state in
            state.counter += 1
            state.tokens["token\(state.counter)"] = scope
            return "token\(state.counter)"
        }
        client.answer(200, text: #"{"token":"\#(token)","expires_in":60}"#)
    }
}
