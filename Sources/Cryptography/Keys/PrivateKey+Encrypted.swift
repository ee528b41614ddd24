// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

extension PrivateKey {
    /// The most rounds of PBKDF2 and its elders: a few seconds. OWASP asks for 600,000.
    private static let roundLimit = 10_000_000

    /// Reads an EncryptedPrivateKeyInfo (RFC 5958 section 3), the body of an `ENCRYPTED PRIVATE KEY` block.
    ///
    /// - Throws: `.unsupported` for one whose password would take longer to try than a few seconds: the file says how long.
    package init(encryptedDER der: [UInt8], password: [UInt8]) throws(KeyError) {
        guard der.count <= 1 << 16 else { throw KeyError(.malformed, "the encrypted key has more than 64 KiB") }
        defer { ERR_clear_error() }
        let envelope = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            return d2i_X509_SIG(nil, &cursor, buffer.count)
        }
        guard let envelope else { throw KeyError(.malformed, "the encrypted key's DER is damaged") }
        defer { X509_SIG_free(envelope) }
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_SIG_get0(envelope, &algorithm, nil)
        guard let algorithm, Self.isAffordable(algorithm) else {
            throw KeyError(.unsupported, "its encryption is not known, or asks for more work than any honest key")
        }
        let plain = password.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
            PKCS8_decrypt(envelope, $0.baseAddress, Int32($0.count))
        }
        guard let plain else { throw KeyError(.wrongPassword, "the password is wrong, or the file was changed") }
        defer { PKCS8_PRIV_KEY_INFO_free(plain) }
        var buffer: UnsafeMutablePointer<UInt8>?
        let length = i2d_PKCS8_PRIV_KEY_INFO(plain, &buffer)
        guard length > 0, let buffer else { throw KeyError(.library, "i2d_PKCS8_PRIV_KEY_INFO") }
        defer { CRYPTO_clear_free(buffer, Int(length), #fileID, #line) }
        try self.init(der: Array(UnsafeBufferPointer(start: buffer, count: Int(length))))
    }

    /// Whether the password can be tried in bounded time (RFC 8018 appendix A.2 to A.4, RFC 7914 section 7).
    private static func isAffordable(_ algorithm: UnsafePointer<X509_ALGOR>) -> Bool {
        let (kind, parameters) = parts(of: algorithm)
        guard kind == NID_pbes2 else {
            // PKCS #5 version 1 and PKCS #12: salt and rounds.
            return read(parameters, d2i_PBEPARAM, PBEPARAM_free) { isCount($0.pointee.iter, atMost: roundLimit) }
        }
        return read(parameters, d2i_PBE2PARAM, PBE2PARAM_free) { scheme in
            guard let function = scheme.pointee.keyfunc else { return false }
            let (kind, parameters) = parts(of: function)
            switch kind {
            case NID_id_pbkdf2:
                return read(parameters, d2i_PBKDF2PARAM, PBKDF2PARAM_free) {
                    isCount($0.pointee.iter, atMost: roundLimit)
                }
            case NID_id_scrypt:
                return read(parameters, d2i_SCRYPT_PARAMS, SCRYPT_PARAMS_free) { parameters in
                    let parameters = parameters.pointee
                    guard let cost = number(parameters.costParameter), let size = number(parameters.blockSize),
                        let lanes = number(parameters.parallelizationParameter)
                    else { return false }
                    return Scrypt.isAffordable(cost: cost, blockSize: size, parallelization: lanes)
                }
            default: return false
            }
        }
    }

    private static func parts(of algorithm: UnsafePointer<X509_ALGOR>) -> (kind: Int32, parameters: [UInt8]) {
        var object: OpaquePointer?
        var type: Int32 = 0
        var value: UnsafeRawPointer?
        X509_ALGOR_get0(&object, &type, &value, algorithm)
        guard type == V_ASN1_SEQUENCE, let string = value?.assumingMemoryBound(to: ASN1_STRING.self) else {
            return (OBJ_obj2nid(object), [])
        }
        let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        return (OBJ_obj2nid(object), Array(bytes))
    }

    private static func read<Value>(
        _ der: [UInt8],
        _ decode: (
            UnsafeMutablePointer<UnsafeMutablePointer<Value>?>?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, Int
        ) -> UnsafeMutablePointer<Value>?,
        _ free: (UnsafeMutablePointer<Value>?) -> Void,
        _ body: (UnsafeMutablePointer<Value>) -> Bool
    ) -> Bool {
        let value = der.withUnsafeBufferPointer { buffer -> UnsafeMutablePointer<Value>? in
            var cursor = buffer.baseAddress
            return decode(nil, &cursor, buffer.count)
        }
        guard let value else { return false }
        defer { free(value) }
        return body(value)
    }

    private static func number(_ integer: UnsafePointer<ASN1_INTEGER>?) -> Int? {
        var value: UInt64 = 0
        guard let integer, ASN1_INTEGER_get_uint64(&value, integer) == 1 else { return nil }
        return Int(exactly: value)
    }

    private static func isCount(_ integer: UnsafePointer<ASN1_INTEGER>?, atMost limit: Int) -> Bool {
        number(integer).map { (1...limit).contains($0) } ?? false
    }
}
