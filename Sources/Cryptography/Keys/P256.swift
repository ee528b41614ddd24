// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// Arithmetic on the curve P-256 (FIPS 186-5, SEC 2 `secp256r1`) by libcrypto, which does it in constant time.
enum P256 {
    /// The 64 bytes (x, y) of the point `scalar · G`.
    static func point(of scalar: [UInt8]) throws(KeyError) -> [UInt8] {
        guard try isScalar(scalar) else {
            throw KeyError(.malformed, "the scalar is not between 1 and the group's order")
        }
        guard let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), let number = secret(scalar),
            let point = EC_POINT_new(group)
        else { throw KeyError(.library, "allocating a point") }
        defer {
            EC_POINT_free(point)
            BN_clear_free(number)
            EC_GROUP_free(group)
        }
        var out = [UInt8](repeating: 0, count: 65)
        guard EC_POINT_mul(group, point, number, nil, nil, nil) == 1,
            EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &out, 65, nil) == 65
        else { throw KeyError(.library, "multiplying a point") }
        return Array(out.dropFirst())
    }

    /// Whether 32 bytes are a number between 1 and the order less one.
    static func isScalar(_ bytes: [UInt8]) throws(KeyError) -> Bool {
        try withOrder { order in
            guard let number = secret(bytes) else { return false }
            defer { BN_clear_free(number) }
            return BN_is_zero(number) == 0 && BN_cmp(number, order) < 0
        }
    }

    /// The number modulo the order, in 32 bytes (RFC 6979 section 2.3.4, bits2octets).
    static func reduced(_ bytes: [UInt8]) throws(KeyError) -> [UInt8] {
        let out = try withOrder { order -> [UInt8]? in
            guard let number = secret(bytes) else { return nil }
            defer { BN_clear_free(number) }
            if BN_cmp(number, order) >= 0 { BN_sub(number, number, order) }
            var out = [UInt8](repeating: 0, count: 32)
            return BN_bn2binpad(number, &out, 32) == 32 ? out : nil
        }
        guard let out else { throw KeyError(.library, "reducing a digest") }
        return out
    }

    /// The DER signature with a given nonce; nil in the one case in 2^256 where r or s is zero and another nonce is due.
    static func sign(digest: [UInt8], scalar: [UInt8], nonce: [UInt8]) throws(KeyError) -> [UInt8]? {
        guard let pair = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1), let group = EC_KEY_get0_group(pair),
            let order = EC_GROUP_get0_order(group), let context = BN_CTX_new(), let secretNumber = secret(scalar),
            let nonceNumber = secret(nonce), let x = BN_new(), let point = EC_POINT_new(group),
            let exponent = BN_dup(order), let montgomery = BN_MONT_CTX_new(), let inverse = BN_new()
        else { throw KeyError(.library, "allocating for a signature") }
        defer {
            BN_clear_free(inverse)
            BN_MONT_CTX_free(montgomery)
            BN_free(exponent)
            EC_POINT_clear_free(point)
            BN_free(x)
            BN_clear_free(nonceNumber)
            BN_clear_free(secretNumber)
            BN_CTX_free(context)
            EC_KEY_free(pair)
        }
        // The inverse is nonce^(order-2) (Fermat): unlike Euclid's algorithm it takes the same time for every nonce.
        guard EC_KEY_set_private_key(pair, secretNumber) == 1,
            EC_POINT_mul(group, point, nonceNumber, nil, nil, context) == 1,
            EC_POINT_get_affine_coordinates(group, point, x, nil, context) == 1,
            BN_nnmod(x, x, order, context) == 1,
            BN_sub_word(exponent, 2) == 1, BN_MONT_CTX_set(montgomery, order, context) == 1,
            BN_mod_exp_mont_consttime(inverse, nonceNumber, exponent, order, context, montgomery) == 1
        else { throw KeyError(.library, "computing a nonce's point") }
        if BN_is_zero(x) == 1 { return nil }
        guard let signature = ECDSA_do_sign_ex(digest, Int32(digest.count), inverse, x, pair) else {
            ERR_clear_error()
            return nil
        }
        defer { ECDSA_SIG_free(signature) }
        var buffer: UnsafeMutablePointer<UInt8>?
        let length = i2d_ECDSA_SIG(signature, &buffer)
        guard length > 0, let buffer else { throw KeyError(.library, "encoding a signature") }
        defer { CRYPTO_free(buffer, #fileID, #line) }
        return Array(UnsafeBufferPointer(start: buffer, count: Int(length)))
    }

    private static func withOrder<Value>(_ body: (OpaquePointer) -> Value) throws(KeyError) -> Value {
        guard let group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1) else {
            throw KeyError(.library, "the curve P-256 is not available")
        }
        defer { EC_GROUP_free(group) }
        guard let order = EC_GROUP_get0_order(group) else { throw KeyError(.library, "the curve has no order") }
        return body(order)
    }

    /// A number whose use libcrypto keeps to constant time.
    private static func secret(_ bytes: [UInt8]) -> OpaquePointer? {
        guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { return nil }
        BN_set_flags(number, BN_FLG_CONSTTIME)
        return number
    }
}
