// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// Whether a server's certificates lead to an authority (RFC 5280 section 6), now.
package enum ServerTrust {
    /// Why they do not, in libcrypto's words; nil where they do.
    ///
    /// - Parameters:
    ///   - chain: DER, the server's own first.
    ///   - files: PEM files of authorities.
    ///   - directories: directories of authorities whose names are hashes.
    ///   - roots: DER of further authorities.
    package static func objection(
        to chain: [[UInt8]],
        files: [String],
        directories: [String],
        roots: [[UInt8]]
    ) -> String? {
        let certificates = chain.prefix(32).compactMap { Certificate(der: $0) }
        guard let own = certificates.first, let leaf = Certificate.parse(own.der) else {
            return "the certificate cannot be read"
        }
        guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new(),
            let untrusted = CertificatePath.stack(Array(certificates.dropFirst()))
        else { return nil }
        defer {
            X509_STORE_CTX_free(context)
            CertificatePath.free(untrusted)
            X509_STORE_free(store)
            X509_free(leaf)
            ERR_clear_error()
        }
        for file in files { X509_STORE_load_file(store, file) }
        for directory in directories { X509_STORE_load_path(store, directory) }
        for root in roots {
            guard let certificate = Certificate.parse(root) else { continue }
            X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
        }
        guard X509_STORE_CTX_init(context, store, leaf, untrusted) == 1 else { return nil }
        X509_STORE_CTX_set_default(context, "ssl_server")
        if X509_verify_cert(context) == 1 { return nil }
        return String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context))))
    }
}
