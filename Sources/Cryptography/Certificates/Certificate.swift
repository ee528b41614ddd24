// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// An X.509 certificate (RFC 5280).
package struct Certificate: Sendable, Hashable {
    /// The DER encoding.
    package let der: [UInt8]
    /// OpenSSL's hash of the canonical subject name, which names the links in a certificate directory (`X509_NAME_hash`).
    package let subjectHash: UInt32
    /// SHA-1 of the DER: what `openssl rehash` tells duplicates by.
    package let fingerprint: Digest
    /// `notBefore` in seconds since the epoch; nil where it cannot be represented.
    package let notBefore: Int?
    /// `notAfter`, likewise.
    package let notAfter: Int?

    /// Reads the first certificate of a PEM text; nil when there is none or it is broken.
    package init?(pem: [UInt8]) {
        guard pem.count <= 1 << 20, let bio = Certificate.reader(of: pem) else { return nil }
        defer { BIO_free(bio) }
        guard let certificate = PEM_read_bio_X509(bio, nil, nil, nil) else {
            ERR_clear_error()
            return nil
        }
        defer { X509_free(certificate) }
        self.init(certificate)
    }

    /// Reads DER; nil when it is broken, has more bytes than the certificate, or more than 64 KiB.
    package init?(der: [UInt8]) {
        guard der.count <= 1 << 16, let certificate = Certificate.parse(der) else { return nil }
        defer { X509_free(certificate) }
        self.init(certificate)
    }

    init?(_ certificate: OpaquePointer) {
        let length = i2d_X509(certificate, nil)
        guard length > 0 else { return nil }
        var der = [UInt8](repeating: 0, count: Int(length))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var start = buffer.baseAddress
            return i2d_X509(certificate, &start)
        }
        guard written == length else { return nil }
        var isValid: Int32 = 0
        let hash = X509_NAME_hash_ex(X509_get_subject_name(certificate), nil, nil, &isValid)
        guard isValid == 1 else { return nil }
        self.der = der
        subjectHash = UInt32(truncatingIfNeeded: hash)
        fingerprint = .of(der, .sha1)
        notBefore = Certificate.seconds(X509_get0_notBefore(certificate))
        notAfter = Certificate.seconds(X509_get0_notAfter(certificate))
    }

    /// The caller frees what it gets.
    static func parse(_ der: [UInt8]) -> OpaquePointer? {
        der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let certificate = d2i_X509(nil, &cursor, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                X509_free(certificate)
                return nil
            }
            return certificate
        }
    }

    /// Seconds since the epoch of an ASN.1 time, without its fraction.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int? {
        guard let time, let epoch = ASN1_TIME_set(nil, 0) else { return nil }
        defer { ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
            ERR_clear_error()
            return nil
        }
        return Int(days) * 86_400 + Int(seconds)
    }

    /// A BIO with a copy of the bytes: `BIO_new_mem_buf` keeps a pointer, which an array's is not after the call.
    private static func reader(of bytes: [UInt8]) -> OpaquePointer? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        if BIO_write(bio, bytes, Int32(bytes.count)) == Int32(bytes.count) { return bio }
        BIO_free(bio)
        return nil
    }

    /// The number of certificates in a PEM text.
    package static func count(inPEM pem: [UInt8]) -> Int {
        String(decoding: pem, as: UTF8.self).split(separator: "\n").count {
            $0.hasPrefix("-----BEGIN CERTIFICATE-----") || $0.hasPrefix("-----BEGIN TRUSTED CERTIFICATE-----")
                || $0.hasPrefix("-----BEGIN X509 CERTIFICATE-----")
        }
    }
}
