// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// A chain from a certificate to a trusted one (RFC 5280 section 6), at one moment.
package struct CertificatePath: Sendable {
    /// The certificate itself first, the trusted one last.
    package let certificates: [Certificate]

    /// What the certificates of a chain are for, where they say it (RFC 5280 section 4.2.1.12).
    package enum Usage: Sendable {
        case codeSigning, timeStamping

        fileprivate var flag: UInt32 { self == .codeSigning ? UInt32(XKU_CODE_SIGN) : UInt32(XKU_TIMESTAMP) }
    }

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
    ///   - usage: what every certificate below the trusted one must allow, if it says what it allows. RFC 5280 expects such a
    ///     statement in an end entity's certificate, and libcrypto looks nowhere else; in an authority's it is a limit to what
    ///     that one issues, which Go's programs keep to.
    package init(
        of certificate: Certificate,
        through intermediates: [Certificate],
        to roots: [Certificate],
        at time: Int,
        for usage: Usage
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
        for certificate in path.dropLast() where !certificate.permits(usage) {
            throw Failure(reason: "a certificate of its chain is for other uses")
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
        let parameters = X509_STORE_get0_param(store)
        X509_VERIFY_PARAM_set_time(parameters, time)
        // 112 bits (SSL_CTX_set_security_level(3)): keys from RSA of 2048 bits on, and no signature by SHA-1.
        X509_VERIFY_PARAM_set_auth_level(parameters, 2)
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

extension Certificate {
    /// Whether it says nothing of its uses, or allows this one.
    fileprivate func permits(_ usage: CertificatePath.Usage) -> Bool {
        guard let certificate = Certificate.parse(der) else { return false }
        defer {
            X509_free(certificate)
            ERR_clear_error()
        }
        let flags = X509_get_extension_flags(certificate)
        guard flags & UInt32(EXFLAG_INVALID) == 0 else { return false }
        guard flags & UInt32(EXFLAG_XKUSAGE) != 0 else { return true }
        return X509_get_extended_key_usage(certificate) & (usage.flag | UInt32(XKU_ANYEKU)) != 0
    }
}
