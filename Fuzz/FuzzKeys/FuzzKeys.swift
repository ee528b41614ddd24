// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import RegularExpressions
import Signing

/// libFuzzer's entry: a byte that says what the rest is, and any bytes as a key, a certificate or a timestamp: DER and PEM, most of
/// which libcrypto reads. Also a regular expression with a text to try it on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKeys(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard count > 0 else { return 0 }
    let input = UnsafeBufferPointer(start: start, count: count)
    let bytes = Array(input.dropFirst())
    switch input[0] {
    case UInt8(ascii: "c"): readCertificate(bytes)
    case UInt8(ascii: "t"):
        _ = TimestampToken.problem(in: bytes, over: [1], nonce: 1)
        precondition((try? TimestampToken(verifying: bytes, over: [1], certificates: [], roots: [])) == nil)
    case UInt8(ascii: "k"):
        guard let key = try? PublicKey(der: bytes) else { break }
        precondition((try? PublicKey(pem: key.pem)) == key)
        precondition(!key.isSignature(bytes, over: bytes))
    case UInt8(ascii: "1"): _ = try? PublicKey(pkcs1: bytes)
    case UInt8(ascii: "p"):
        guard let key = try? PrivateKey(der: bytes) else { break }
        precondition((try? PrivateKey(pem: key.pem))?.publicKey == key.publicKey)
    case UInt8(ascii: "8"): _ = try? PrivateKey(encryptedDER: bytes, password: Array("password".utf8))
    case UInt8(ascii: "e"): _ = try? EncryptedKey.open(bytes, password: Array("password".utf8))
    case UInt8(ascii: "m"):
        _ = try? PrivateKey.read(bytes) { Array("password".utf8) }
        _ = try? PublicKey(pem: bytes)
        if let blocks = try? PEM.blocks(in: bytes) {
            for block in blocks { precondition((try? PEM(first: Array(block.text.utf8)))?.bytes == block.bytes) }
        }
    case UInt8(ascii: "x"):
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let expression = try? RegularExpression(String(decoding: parts[0], as: UTF8.self))
        else {
            break
        }
        _ = expression.matches(String(decoding: parts[1], as: UTF8.self))
    default: break
    }
    return 0
}

private func readCertificate(_ bytes: [UInt8]) {
    guard let certificate = Certificate(der: bytes) else { return }
    precondition(Certificate(der: certificate.der) != nil, "what was read cannot be read again")
    _ = certificate.alternativeNames
    _ = certificate.allowsCodeSigning
    _ = certificate.isAuthority
    _ = certificate.isSelfIssued
    _ = certificate.extensionContent("1.3.6.1.4.1.57264.1.8").map { Certificate.utf8String($0) }
    let key = certificate.publicKey
    for promise in certificate.transparencyTimestamps ?? [] {
        if let key { _ = promise.isValid(for: certificate, issuer: certificate, key: key) }
    }
    for usage in [CertificatePath.Usage.codeSigning, .timeStamping] {
        let own = [certificate]
        _ = try? CertificatePath(of: certificate, through: own, to: own, at: 1_700_000_000, for: usage)
    }
}
