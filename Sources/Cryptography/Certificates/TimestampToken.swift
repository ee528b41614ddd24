// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// A timestamp of RFC 3161: an authority's signature that some bytes existed at a time.
package struct TimestampToken: Hashable, Sendable {
    /// Seconds since the epoch; a fraction is dropped.
    package let time: Int
    /// The hash of the bytes that the authority was shown.
    package let imprint: Digest
    /// The certificate whose key signed.
    package let signer: Certificate

    /// Why a response is no valid timestamp.
    package struct Failure: Error, Equatable {
        package let reason: String
        /// Whether it may well be right, but is by nobody whom the roots vouch for.
        package let isUntrusted: Bool
        package init(reason: String, isUntrusted: Bool = false) {
            self.reason = reason
            self.isUntrusted = isUntrusted
        }
    }

    /// The most bytes that a response may have; those of authorities with long chains have 8 KiB.
    package static let limit = 1 << 16

    /// Verifies a DER TimeStampResp over `message`: status, signature, the certificate's purpose (RFC 3161 section 2.3) and
    /// its chain to one of `roots` at the time of the timestamp.
    ///
    /// - Parameter certificates: the authority's own, for responses that carry none.
    package init(
        verifying response: [UInt8],
        over message: [UInt8],
        certificates: [Certificate],
        roots: [Certificate]
    ) throws(Failure) {
        let parsed = try TimestampToken.parse(response)
        defer {
            TS_RESP_free(parsed)
            ERR_clear_error()
        }
        guard let token = TS_RESP_get_token(parsed), let info = TS_RESP_get_tst_info(parsed),
            let genTime = TS_TST_INFO_get_time(info), let time = Certificate.seconds(genTime)
        else { throw Failure(reason: "the response holds no timestamp") }
        let imprint = try TimestampToken.imprint(info)
        guard Digest.of(message, imprint.algorithm) == imprint else {
            throw Failure(reason: "the timestamp is over other bytes")
        }
        guard let context = TS_VERIFY_CTX_new() else { throw Failure(reason: "out of memory") }
        // The context owns what it is given.
        defer { TS_VERIFY_CTX_free(context) }
        guard let store = CertificatePath.store(roots, at: time), let stack = CertificatePath.stack(certificates) else {
            throw Failure(reason: "a certificate of the authority cannot be read")
        }
        TS_VERIFY_CTX_set_store(context, store)
        TS_VERIFY_CTX_set_certs(context, stack)
        TS_VERIFY_CTX_set_flags(context, Int32(TS_VFY_SIGNATURE | TS_VFY_VERSION))
        guard TS_RESP_verify_response(context, parsed) == 1 else {
            let code = ERR_peek_last_error()
            let isUntrusted =
                (ERR_GET_LIB(code) == ERR_LIB_TS && ERR_GET_REASON(code) == TS_R_CERTIFICATE_VERIFY_ERROR)
                || (ERR_GET_LIB(code) == ERR_LIB_PKCS7 && ERR_GET_REASON(code) == PKCS7_R_SIGNER_CERTIFICATE_NOT_FOUND)
            throw Failure(
                reason: TimestampToken.lastError ?? "the authority's signature does not verify",
                isUntrusted: isUntrusted
            )
        }
        guard let signers = PKCS7_get0_signers(token, stack, 0) else { throw Failure(reason: "it has no signer") }
        defer { OPENSSL_sk_free(signers) }
        guard OPENSSL_sk_num(signers) == 1, let entry = OPENSSL_sk_value(signers, 0),
            let signer = Certificate(OpaquePointer(entry))
        else { throw Failure(reason: "it has not exactly one signer") }
        do throws(CertificatePath.Failure) {
            // libcrypto asks the signer alone what it is for, and not its issuers.
            _ = try CertificatePath(
                of: signer,
                through: certificates + TimestampToken.certificates(in: token),
                to: roots,
                at: time,
                for: .timeStamping
            )
        } catch {
            throw Failure(reason: error.reason, isUntrusted: true)
        }
        self.time = time
        self.imprint = imprint
        self.signer = signer
    }

    /// The certificates that a token brings, of which the signature proves nothing yet.
    private static func certificates(in token: UnsafeMutablePointer<PKCS7>) -> [Certificate] {
        guard let signed = token.pointee.d.sign, let stack = signed.pointee.cert else { return [] }
        return (0..<OPENSSL_sk_num(stack)).compactMap { index in
            OPENSSL_sk_value(stack, index).flatMap { Certificate(OpaquePointer($0)) }
        }
    }

    private static func parse(_ response: [UInt8]) throws(Failure) -> OpaquePointer {
        guard response.count <= limit else { throw Failure(reason: "it has more than \(limit) bytes") }
        let parsed = response.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            guard let parsed = d2i_TS_RESP(nil, &cursor, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                TS_RESP_free(parsed)
                return nil
            }
            return parsed
        }
        guard let parsed else { throw Failure(reason: "its DER is damaged") }
        return parsed
    }

    private static func imprint(_ info: OpaquePointer) throws(Failure) -> Digest {
        guard let imprint = TS_TST_INFO_get_msg_imprint(info), let algorithm = TS_MSG_IMPRINT_get_algo(imprint),
            let value = TS_MSG_IMPRINT_get_msg(imprint)
        else { throw Failure(reason: "it has no message imprint") }
        var object: OpaquePointer?
        X509_ALGOR_get0(&object, nil, nil, algorithm)
        let kind: Digest.Algorithm
        switch OBJ_obj2nid(object) {
        case NID_sha256: kind = .sha256
        case NID_sha384: kind = .sha384
        case NID_sha512: kind = .sha512
        default: throw Failure(reason: "its message imprint is not by SHA-256, SHA-384 or SHA-512")
        }
        let bytes = Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value)))
        )
        guard let digest = Digest(kind, bytes: bytes) else {
            throw Failure(reason: "its message imprint has a wrong length")
        }
        return digest
    }

    /// What libcrypto says about its last failure.
    private static var lastError: String? {
        var data: UnsafePointer<CChar>?
        var flags: Int32 = 0
        let code = ERR_peek_last_error_all(nil, nil, nil, &data, &flags)
        guard code != 0 else { return nil }
        let reason = ERR_reason_error_string(code).map { String(cString: $0) }
        if let data, flags & ERR_TXT_STRING != 0 {
            let detail = String(cString: data)
            let label = "Verify error:"
            if !detail.isEmpty { return detail.hasPrefix(label) ? String(detail.dropFirst(label.count)) : detail }
        }
        return reason
    }

    /// A DER TimeStampReq over SHA-256 of `message` that asks for the authority's certificates.
    ///
    /// - Parameter nonce: up to 8 bytes that the answer must repeat, so that it cannot be an old one.
    package static func request(over message: [UInt8], nonce: UInt64) -> [UInt8]? {
        guard let request = TS_REQ_new(), let imprint = TS_MSG_IMPRINT_new(), let algorithm = X509_ALGOR_new(),
            let number = ASN1_INTEGER_new()
        else { return nil }
        defer {
            ASN1_INTEGER_free(number)
            X509_ALGOR_free(algorithm)
            TS_MSG_IMPRINT_free(imprint)
            TS_REQ_free(request)
        }
        var digest = Digest.of(message).bytes
        guard X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil) == 1,
            TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1,
            TS_MSG_IMPRINT_set_msg(imprint, &digest, Int32(digest.count)) == 1,
            ASN1_INTEGER_set_uint64(number, nonce) == 1,
            TS_REQ_set_version(request, 1) == 1, TS_REQ_set_msg_imprint(request, imprint) == 1,
            TS_REQ_set_nonce(request, number) == 1, TS_REQ_set_cert_req(request, 1) == 1
        else { return nil }
        var buffer: UnsafeMutablePointer<UInt8>?
        let length = i2d_TS_REQ(request, &buffer)
        guard length > 0, let buffer else { return nil }
        defer { CRYPTO_free(buffer, #fileID, #line) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(length)))
    }

    /// Whether a response grants what was asked for: over `message`, with this nonce. Its signature is not looked at.
    package static func problem(in response: [UInt8], over message: [UInt8], nonce: UInt64) -> String? {
        do throws(Failure) {
            let parsed = try parse(response)
            defer {
                TS_RESP_free(parsed)
                ERR_clear_error()
            }
            guard let info = TS_RESP_get_tst_info(parsed) else { return "it refuses" }
            guard try imprint(info) == .of(message, imprint(info).algorithm) else { return "it is over other bytes" }
            var answer: UInt64 = 0
            guard let number = TS_TST_INFO_get_nonce(info), ASN1_INTEGER_get_uint64(&answer, number) == 1,
                answer == nonce
            else { return "it is not the answer to this request" }
            return nil
        } catch {
            return error.reason
        }
    }
}
