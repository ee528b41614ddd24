// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL

/// What an administrator laid down for one registry, where docker, podman and skopeo look for it (containers-certs.d(5)):
/// a directory named as the registry is in image names, with authorities (`*.crt`), and a client's certificate and its key
/// (`NAME.cert`, `NAME.key`).
package struct HostCertificates: Sendable {
    struct Identity: Sendable {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
    }

    /// `HOST` or `HOST:PORT`.
    let authority: String
    /// Files of authorities.
    package let authorities: [String]
    /// What is shown to this server, and to no other.
    let identity: Identity?

    /// The directories in which the registry's is looked for; the first that has it counts alone.
    package static func directories(environment: [String: String]) -> [String] {
        (environment["HOME"].map { [$0 + "/.config/containers/certs.d"] } ?? [])
            + ["/etc/containers/certs.d", "/etc/docker/certs.d"]
    }

    /// - Returns: nil when there is no directory for the registry, or it may not be looked into.
    /// - Throws: `bad-certificate`, which names the file.
    package init?(authority: String, in directories: [String]) throws(FetchError) {
        // What a name in a URL may hold leads nowhere else.
        guard !authority.contains("/"), !authority.hasPrefix(".") else { return nil }
        let candidates = directories.map { "\($0)/\(authority)" }
        guard let directory = candidates.first(where: { FileStatus(of: $0)?.isDirectory == true }) else { return nil }
        let names = Files.names(in: directory).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let purpose = "the certificates for \(authority)"

        self.authority = authority
        authorities = names.filter { $0.hasSuffix(".crt") }.map { "\(directory)/\($0)" }
        var identity: Identity?
        for name in names where name.hasSuffix(".cert") || name.hasSuffix(".key") {
            let stem = name.hasSuffix(".key") ? name.dropLast(4) : name.dropLast(5)
            for partner in ["\(stem).cert", "\(stem).key"] where !names.contains(partner) {
                throw FetchError(
                    .certificate,
                    "cannot use \(purpose): '\(directory)/\(name)' has no '\(partner)' beside it",
                    hint: name.hasSuffix(".cert") ? "a certificate authority's file is called NAME.crt" : nil
                )
            }
            // Of several, the first is shown: TLS as spoken here has one certificate.
            guard identity == nil else { continue }
            identity = Identity(
                chain: try PEMFile.certificates("\(directory)/\(stem).cert", purpose: purpose),
                key: try PEMFile.privateKey("\(directory)/\(stem).key", purpose: purpose)
            )
        }
        self.identity = identity
    }
    /// Sees whether the certificate and the key belong together.
    func check(with authorities: Authorities) throws(FetchError) {
        guard identity != nil else { return }
        do {
            _ = try NIOSSLContext(configuration: authorities.clientConfiguration(presenting: self))
        } catch {
            throw FetchError(
                .certificate,
                "cannot use the certificates for \(authority): the client's certificate and key do not belong together"
            )
        }
    }
}
