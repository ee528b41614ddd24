// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// A chain from a certificate to a trusted one (RFC 5280 section 6), at one moment.
package struct CertificatePath: Sendable {
    /// The certificate itself first, the trusted one last.
    package let certificates: [Certificate]

    /// Why there is no such chain.
    package struct Failure: Error, Equatable {
        package let reason: String
        package init(reason: String) { self.reason = reason }
    }

    /// Builds the chain.
    ///
    /// - Parameters:
    ///   - roots: trusted, whoever issued them.
    ///   - time: seconds since the epoch, when every certificate of the chain must be valid.
    package init(
        of certificate: Certificate,
        through intermediates: [Certificate],
        to roots: [Certificate],
        at time: Int
    ) throws(Failure) {
        guard let leaf = Certificate.parse(certificate.der), let store = CertificatePath.store(roots, at: time),
            let untrusted = CertificatePath.stack(intermediates), let context = X509_STORE_CTX_new()
        else { throw Failure(reason: "a certificate cannot be read") }
        defer {
            X509_STORE_CTX_free(context)
            CertificatePath.free(untrusted)
            X509_STORE_free(store)
            X509_free(leaf)
            ERR_clear_error()
        }
        guard X509_STORE_CTX_init(context, store, leaf, untrusted) == 1 else {
            throw Failure(reason: "libcrypto cannot begin")
        }
        guard X509_verify_cert(context) == 1 else {
            let code = X509_STORE_CTX_get_error(context)
            throw Failure(reason: String(cString: X509_verify_cert_error_string(Int(code))))
        }
        var path: [Certificate] = []
        let chain = X509_STORE_CTX_get0_chain(context)
        for index in 0..<OPENSSL_sk_num(chain) {
            guard let entry = OPENSSL_sk_value(chain, index), let next = Certificate(OpaquePointer(entry)) else {
                throw Failure(reason: "a certificate cannot be read")
            }
            path.append(next)
        }
        certificates = path
    }

    /// A set of trusted certificates that judges validity at one moment; the caller frees it.
    static func store(_ roots: [Certificate], at time: Int) -> OpaquePointer? {
        guard let store = X509_STORE_new() else { return nil }
        for root in roots {
            guard let certificate = Certificate.parse(root.der) else {
                X509_STORE_free(store)
                return nil
            }
            X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
        }
        // A trust root may name an intermediate as the one to trust.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), time)
        return store
    }

    /// A STACK_OF(X509); the caller frees it.
    static func stack(_ certificates: [Certificate]) -> OpaquePointer? {
        guard let stack = OPENSSL_sk_new_null() else { return nil }
        for certificate in certificates {
            guard let parsed = Certificate.parse(certificate.der) else {
                free(stack)
                return nil
            }
            OPENSSL_sk_push(stack, UnsafeRawPointer(parsed))
        }
        return stack
    }

    static func free(_ stack: OpaquePointer) {
        OPENSSL_sk_pop_free(stack) { X509_free($0.map { OpaquePointer($0) }) }
    }
}
