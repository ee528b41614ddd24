// SPDX-License-Identifier: Apache-2.0

package import Fetching
package import OCI

/// Copies images between layouts and registries.
package struct ImageTransfer: Sendable {
    package struct Options: Sendable {
        /// Speak HTTP without TLS to registries. Without it, a registry on this machine that does not speak TLS is
        /// spoken to in the clear, and no other.
        package var isPlain = false
        /// Whether signatures, attestations and other referrers come along.
        package var withEvidence = true
        /// Proxies and authorities. The user's netrc file has no part in it: registries' credentials lie elsewhere.
        package var http = HTTPTransport.Settings()
        package var client = RegistryClient.Settings()
        package var download = Downloader.Settings()
        package init() {}
    }

    private let store: Store
    private let environment: [String: String]
    private let options: Options
    private let observer: FetchObserver

    /// - Parameter environment: the process's variables, for credentials, and for the user's certificates.
    package init(
        store: Store,
        environment: [String: String],
        options: Options = Options(),
        observer: @escaping FetchObserver = { _ in }
    ) {
        self.store = store
        self.environment = environment
        self.options = options
        self.observer = observer
    }

    /// Copies an image with its evidence.
    package func copy(from: ImageLocation, to: ImageLocation) async throws -> TransferReport {
        let source = try await open(from)
        let root = try await source.root()
        switch to {
        case .layout(let directory, let tag):
            let tags = if let tag { [tag] } else { try await source.tags(of: root) }
            let graph = try await ImageGraph(
                of: root,
                in: source,
                tags: tags,
                withEvidence: options.withEvidence
            )
            return try await LayoutTarget(directory: directory, observer: observer).write(graph, from: source)
        case .registry(let reference):
            if let digest = reference.digest, digest != root.digest {
                throw RegistryError(.mismatch, "\(from) has the digest \(root.digest), and not \(digest)")
            }
            // By digest alone it gets no name; without either it keeps those that it has.
            let tags =
                if let tag = reference.tag { [tag] } else if reference.digest != nil { [String]() } else {
                    try await source.tags(of: root)
                }
            // A layout's names may be anything; a registry's are part of a URL.
            if let tag = tags.first(where: { !RegistryReference.isTag($0) }) {
                throw RegistryError(
                    .invalidReference,
                    "\(from) calls the image '\(tag)', which can be no tag in a registry",
                    hint: "say which tag it gets: \(reference):TAG"
                )
            }
            let graph = try await ImageGraph(
                of: root,
                in: source,
                tags: tags,
                withEvidence: options.withEvidence
            )
            return try await target(reference).write(graph, from: source)
        }
    }

    /// An image, for readers of its documents and evidence.
    package func open(_ location: ImageLocation) async throws -> any ImageSource {
        switch location {
        case .layout(let directory, let tag): return try LayoutSource(directory: directory, tag: tag)
        case .registry(let reference):
            let (client, transport) = try await connect(reference, isWriting: false)
            let downloader = Downloader(
                store: store,
                transport: transport,
                settings: options.download,
                observer: observer
            )
            return RegistrySource(client, downloader: downloader)
        }
    }

    func target(_ reference: RegistryReference) async throws -> RegistryTarget {
        RegistryTarget(try await connect(reference, isWriting: true).client, observer: observer)
    }

    private func connect(
        _ reference: RegistryReference,
        isWriting: Bool
    ) async throws -> (client: RegistryClient, transport: RegistryTransport) {
        let http = try HTTPTransport(try settings(reference))
        let base = try await base(of: reference, http)
        let credentials = try await CredentialStore(environment: environment)
            .credentials(host: reference.host, repository: reference.repository)
        let transport = RegistryTransport(
            http: http,
            base: base,
            repository: reference.repository,
            credentials: credentials,
            isWriting: isWriting
        )
        return (RegistryClient(reference, base: base, transport: transport, settings: options.client), transport)
    }

    /// What is laid down for the registry counts for its token server and its storage, too; its client's certificate does not.
    private func settings(_ reference: RegistryReference) throws(FetchError) -> HTTPTransport.Settings {
        var settings = options.http
        settings.netrc = Netrc(parsing: "")
        let directories = HostCertificates.directories(environment: environment)
        if let own = try HostCertificates(authority: reference.host, in: directories) {
            try settings.authorities.add(own.authorities, purpose: "the certificates for \(reference.host)")
            settings.hostCertificates = own
        }
        return settings
    }

    /// TLS, unless it was said otherwise, or a registry on this machine does not have it.
    private func base(of reference: RegistryReference, _ http: HTTPTransport) async throws -> Locator {
        if options.isPlain { return try Locator("http://\(reference.host)") }
        let secure = try Locator("https://\(reference.host)")
        guard reference.isLoopback else { return secure }
        do {
            let sink = MemorySink(name: "the answer of \(reference.host)", limit: 1 << 20, keepsErrors: true)
            _ = try await http.send(TransportRequest(.get, secure.appending("v2/")), into: sink)
            return secure
        } catch let error as FetchError where error.kind == .unreachable {
            return try Locator("http://\(reference.host)")
        }
    }
}
