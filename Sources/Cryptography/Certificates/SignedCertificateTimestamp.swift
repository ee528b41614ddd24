// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// A certificate transparency log's promise, embedded in a certificate, to list it (RFC 6962 sections 3.2 and 3.3).
package struct SignedCertificateTimestamp: Hashable, Sendable {
    /// SHA-256 of the log's key.
    package let logID: [UInt8]
    /// Milliseconds since the epoch.
    package let time: UInt64
    package let extensions: [UInt8]
    package let signature: [UInt8]

    /// Whether the log's key signed it over the certificate as `issuer` issued it.
    package func isValid(for certificate: Certificate, issuer: Certificate, key: PublicKey) -> Bool {
        guard let issuerKey = issuer.subjectPublicKeyInfo, let body = certificate.withoutTimestamps else {
            return false
        }
        // The TLS presentation of a digitally-signed CertificateTimestamp over a PreCert.
        var message: [UInt8] = [0, 0]
        message += (0..<8).reversed().map { UInt8(truncatingIfNeeded: time >> (8 * UInt64($0))) }
        message += [0, 1]
        message += Digest.of(issuerKey).bytes
        message += [UInt8(truncatingIfNeeded: body.count >> 16), UInt8(truncatingIfNeeded: body.count >> 8)]
        message.append(UInt8(truncatingIfNeeded: body.count))
        message += body
        message += [UInt8(truncatingIfNeeded: extensions.count >> 8), UInt8(truncatingIfNeeded: extensions.count)]
        message += extensions
        // RFC 6962 section 2.1.4 knows no other hash.
        return key.verify(signature: signature, message: message, digest: .sha256)
    }
}

extension Certificate {
    /// The embedded timestamps of version 1; nil when the extension is damaged.
    package var transparencyTimestamps: [SignedCertificateTimestamp]? {
        guard let certificate = Certificate.parse(der) else { return nil }
        defer {
            X509_free(certificate)
            ERR_clear_error()
        }
        var place: Int32 = 0
        guard let list = X509_get_ext_d2i(certificate, NID_ct_precert_scts, &place, nil) else {
            return place == -1 ? [] : nil
        }
        let stack = OpaquePointer(list)
        defer { SCT_LIST_free(stack) }
        var out: [SignedCertificateTimestamp] = []
        for index in 0..<OPENSSL_sk_num(stack) {
            guard let entry = OPENSSL_sk_value(stack, index) else { return nil }
            let sct = OpaquePointer(entry)
            guard SCT_get_version(sct) == SCT_VERSION_V1 else { continue }
            func bytes(_ read: (OpaquePointer, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int) -> [UInt8] {
                var start: UnsafeMutablePointer<UInt8>?
                let count = read(sct, &start)
                return start == nil ? [] : Array(UnsafeBufferPointer(start: start, count: count))
            }
            out.append(
                SignedCertificateTimestamp(
                    logID: bytes { SCT_get0_log_id($0, $1) },
                    time: SCT_get_timestamp(sct),
                    extensions: bytes { SCT_get0_extensions($0, $1) },
                    signature: bytes { SCT_get0_signature($0, $1) }
                )
            )
        }
        return out
    }

    /// What a log signed: the to-be-signed part of the certificate before the timestamps were put into it.
    fileprivate var withoutTimestamps: [UInt8]? {
        guard let certificate = Certificate.parse(der) else { return nil }
        defer {
            X509_free(certificate)
            ERR_clear_error()
        }
        let index = X509_get_ext_by_NID(certificate, NID_ct_precert_scts, -1)
        guard index >= 0, let removed = X509_delete_ext(certificate, index) else { return nil }
        X509_EXTENSION_free(removed)
        var buffer: UnsafeMutablePointer<UInt8>?
        let length = i2d_re_X509_tbs(certificate, &buffer)
        guard length > 0, let buffer else { return nil }
        defer { CRYPTO_free(buffer, #fileID, #line) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(length)))
    }

    /// DER of the SubjectPublicKeyInfo, as it stands in the certificate.
    fileprivate var subjectPublicKeyInfo: [UInt8]? {
        guard let certificate = Certificate.parse(der) else { return nil }
        defer { X509_free(certificate) }
        var buffer: UnsafeMutablePointer<UInt8>?
        let length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &buffer)
        guard length > 0, let buffer else { return nil }
        defer { CRYPTO_free(buffer, #fileID, #line) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(length)))
    }
}
