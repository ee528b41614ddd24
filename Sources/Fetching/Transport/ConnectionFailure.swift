// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Says what went wrong between here and a server, and what can be done about it.
struct ConnectionFailure {
    let error: any Error
    let url: Locator
    let route: HTTPEngine.Route
    let settings: HTTPTransport.Settings

    static let networkHint = "check the network, the proxy settings and the mirror's place"

    private var host: String { url.authority }

    func described() async -> any Error {
        if error is CancellationError { return error }
        if let refusal = await certificateRefusal() { return refusal }
        let way = route.proxy.map { " through the proxy \($0)" } ?? ""
        return FetchError(.unreachable, "no complete answer from \(host)\(way): \(reason)", hint: hint)
    }

    private var hint: String {
        if let error = error as? HTTPClientError, error == .proxyAuthenticationRequired {
            return "write http://USER:PASSWORD@HOST:PORT in the proxy's variable"
        }
        return Self.networkHint
    }

    // MARK: Certificates

    /// Nil when it is something else than certificates.
    private func certificateRefusal() async -> FetchError? {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return FetchError(
                .unauthorized,
                "the certificate of \(host) is not trusted: it is another host's",
                hint: "write the name that the certificate is for; another machine may also be answering in its place"
            )
        }
        let said = tlsReason
        if said == "certificate verify failed" {
            let objection = await objection() ?? "it leads to no authority that is trusted, or is not valid now"
            return FetchError(
                .unauthorized,
                "the certificate of \(host) is not trusted: \(objection)",
                hint:
                    "give its authority with --ca-file, or add it to the machine's (on Debian: update-ca-certificates)"
            )
        }
        // The alerts of RFC 8446 section 6.2 that are about the client's certificate.
        let alerts = [
            "certificate required", "bad certificate", "unknown ca", "certificate unknown", "certificate expired",
            "access denied", "certificate revoked", "unsupported certificate", "handshake failure",
        ]
        if let said, let alert = alerts.first(where: { said.hasSuffix("alert \($0)") }),
            alert != "handshake failure" || settings.hostCertificates?.identity == nil
        {
            let has = settings.hostCertificates?.identity != nil
            return FetchError(
                .unauthorized,
                has
                    ? "\(host) does not accept the client certificate that it is shown: \(alert)"
                    : "\(host) ends the connection: \(alert)",
                hint:
                    "a server that demands a client certificate finds it as NAME.cert and NAME.key in certs.d/\(host)"
            )
        }
        return nil
    }

    /// What libcrypto has against the server's certificates.
    private func objection() async -> String? {
        // Through a proxy the same server would be asked for in vain.
        guard case .direct = route else { return nil }
        let chain = await PeerCertificates.of(host: url.host, port: url.port ?? 443, timeout: settings.stallTimeout)
        return chain.isEmpty ? nil : settings.authorities.objection(to: chain)
    }

    /// The TLS library's own reason, in lower case and without its decorations; nil when TLS is not what failed.
    private var tlsReason: String? {
        let failure: BoringSSLError
        switch error {
        case NIOSSLError.handshakeFailed(let inner): failure = inner
        case let inner as BoringSSLError: failure = inner
        default: return nil
        }
        guard case .sslError(let stack) = failure, let first = stack.first else { return nil }
        // `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`
        let text = "\(first)"
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return text }
        let name = text[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }.lowercased()
        let plain = ["tlsv1_", "tlsv13_", "sslv3_"].first(where: name.hasPrefix).map { name.dropFirst($0.count) }
        return String((plain ?? name[...]).map { $0 == "_" ? " " : $0 })
    }

    // MARK: Other reasons

    private var reason: String {
        switch error {
        case let error as NIOConnectionError: connectionReason(error)
        case let error as HTTPClientError: clientReason(error)
        case let error as IOError: systemReason(error.errnoCode)
        case let error as HTTPParserError: parserReason(error)
        case ChannelError.connectTimeout: "it was silent for too long"
        case ChannelError.ioOnClosedChannel, ChannelError.eof, NIOSSLError.uncleanShutdown: "the connection broke"
        default: tlsReason.map { "TLS: \($0)" } ?? "\(error)"
        }
    }

    private func connectionReason(_ error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first {
            if let system = failure.error as? IOError { return systemReason(system.errnoCode) }
            if case ChannelError.connectTimeout = failure.error { return "it was silent for too long" }
            return "\(failure.error)"
        }
        let name = route.proxy == nil ? "its name" : "the proxy's name"
        return "\(name) cannot be resolved"
    }

    private func systemReason(_ code: Int32) -> String {
        switch code {
        case ECONNREFUSED: "it takes no connection"
        case ECONNRESET, EPIPE: "the connection broke"
        case ETIMEDOUT: "it was silent for too long"
        default: String(cString: strerror(code))
        }
    }

    private func clientReason(_ error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .tlsHandshakeTimeout,
            .httpProxyHandshakeTimeout, .socksHandshakeTimeout, .getConnectionFromPoolTimeout:
            "it was silent for too long"
        case .remoteConnectionClosed: "the connection broke"
        case .proxyAuthenticationRequired: "the proxy wants credentials"
        case .invalidProxyResponse: "the proxy does not connect to it"
        default: error.shortDescription
        }
    }

    private func parserReason(_ error: HTTPParserError) -> String {
        switch error {
        case .headerOverflow: "the head of its answer is too large"
        case .invalidEOFState, .closedConnection: "the connection broke"
        default: "what it sends is no HTTP: \(error.debugDescription)"
        }
    }
}
