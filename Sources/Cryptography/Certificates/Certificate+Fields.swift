// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

extension Certificate {
    /// A name in the subject's alternative names (RFC 5280 section 4.2.1.6) that can stand for a signer.
    package enum AlternativeName: Hashable, Sendable {
        case uri(String), email(String), dns(String)
        /// A name of a type that only its owner knows, read as the UTF-8 text that it wraps.
        case other(type: String, text: String)

        package var text: String {
            switch self {
            case .uri(let text), .email(let text), .dns(let text), .other(_, let text): text
            }
        }
    }

    private func reading<Value>(_ body: (OpaquePointer) -> Value?) -> Value? {
        guard let certificate = Certificate.parse(der) else { return nil }
        defer {
            X509_free(certificate)
            ERR_clear_error()
        }
        return body(certificate)
    }

    /// The subject's key; nil where it is of a kind that we do not verify with.
    package var publicKey: PublicKey? {
        reading { certificate in X509_get0_pubkey(certificate).flatMap { try? PublicKey($0) } }
    }

    /// Whether the subject is its own issuer, by name.
    package var isSelfIssued: Bool {
        reading { X509_NAME_cmp(X509_get_subject_name($0), X509_get_issuer_name($0)) == 0 } ?? false
    }

    /// Whether the basic constraints say that it may issue certificates.
    package var isAuthority: Bool {
        reading { X509_get_extension_flags($0) & UInt32(EXFLAG_CA) != 0 } ?? false
    }

    /// The subject's alternative names of the types that name signers. One with a NUL in it is left out: such names were
    /// made to be read differently by different programs.
    package var alternativeNames: [AlternativeName] {
        reading { certificate in
            guard let names = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
            let stack = OpaquePointer(names)
            defer {
                OPENSSL_sk_pop_free(stack) {
                    GENERAL_NAME_free($0.map { $0.assumingMemoryBound(to: GENERAL_NAME.self) })
                }
            }
            var out: [AlternativeName] = []
            for index in 0..<OPENSSL_sk_num(stack) {
                guard let entry = OPENSSL_sk_value(stack, index)?.assumingMemoryBound(to: GENERAL_NAME.self) else {
                    continue
                }
                var kind: Int32 = 0
                let value = GENERAL_NAME_get0_value(entry, &kind)
                switch kind {
                case GEN_URI, GEN_EMAIL, GEN_DNS:
                    guard let text = Certificate.text(value?.assumingMemoryBound(to: ASN1_STRING.self)) else {
                        continue
                    }
                    out.append(kind == GEN_URI ? .uri(text) : kind == GEN_EMAIL ? .email(text) : .dns(text))
                case GEN_OTHERNAME:
                    var type: OpaquePointer?
                    var inner: UnsafeMutablePointer<ASN1_TYPE>?
                    guard GENERAL_NAME_get0_otherName(entry, &type, &inner) == 1, let inner,
                        ASN1_TYPE_get(inner) == V_ASN1_UTF8STRING,
                        let text = Certificate.text(inner.pointee.value.utf8string)
                    else { continue }
                    out.append(.other(type: Certificate.name(of: type), text: text))
                default: continue
                }
            }
            return out
        } ?? []
    }

    private static func text(_ string: UnsafePointer<ASN1_STRING>?) -> String? {
        guard let string else { return nil }
        let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        guard !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func name(of object: OpaquePointer?) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let length = OBJ_obj2txt(&buffer, Int32(buffer.count), object, 1)
        guard length > 0, Int(length) < buffer.count else { return "" }
        return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The content of the extension with this object identifier (`1.3.6.1.…`): what its OCTET STRING wraps.
    package func extensionContent(_ identifier: String) -> [UInt8]? {
        reading { certificate in
            guard let object = OBJ_txt2obj(identifier, 1) else { return nil }
            defer { ASN1_OBJECT_free(object) }
            let index = X509_get_ext_by_OBJ(certificate, object, -1)
            guard index >= 0, X509_get_ext_by_OBJ(certificate, object, index) < 0,
                let value = X509_EXTENSION_get_data(X509_get_ext(certificate, index))
            else { return nil }
            return Array(
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(value), count: Int(ASN1_STRING_length(value)))
            )
        }
    }

    /// The text of a DER UTF8String, as extensions wrap one.
    package static func utf8String(_ der: [UInt8]) -> String? {
        der.withUnsafeBufferPointer { buffer -> String? in
            var cursor = buffer.baseAddress
            guard let string = d2i_ASN1_UTF8STRING(nil, &cursor, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            defer { ASN1_UTF8STRING_free(string) }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else { return nil }
            return text(string)
        }
    }

    /// Whether the extended key usage is there and allows code signing.
    package var allowsCodeSigning: Bool {
        reading { certificate in
            let flags = X509_get_extension_flags(certificate)
            guard flags & UInt32(EXFLAG_XKUSAGE) != 0, flags & UInt32(EXFLAG_INVALID) == 0 else { return false }
            return X509_get_extended_key_usage(certificate) & UInt32(XKU_CODE_SIGN) != 0
        } ?? false
    }
}
