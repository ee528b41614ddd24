// SPDX-License-Identifier: Apache-2.0

internal import NIOSSL

/// Files with certificates and keys as text (RFC 7468), read whole and checked before anything is fetched.
enum PEMFile {
    /// The list of a distribution has 250 kB.
    private static let limit = 16 << 20
    private static let keyLimit = 1 << 20

    /// The certificates of a file, of which there is at least one.
    ///
    /// - Parameter purpose: for messages: `the authorities of --ca-file`.
    /// - Throws: `bad-certificate`, which names the file.
    static func certificates(_ path: String, purpose: String) throws(FetchError) -> [NIOSSLCertificate] {
        let bytes = try read(path, limit, purpose)
        guard bytes.contains("-----BEGIN ") else {
            throw failure(
                path,
                purpose,
                "it is no PEM text",
                hint: "openssl x509 -inform der -in FILE makes one of DER"
            )
        }
        guard bytes.contains("CERTIFICATE-----") else { throw failure(path, purpose, "it holds no certificate") }
        do {
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw failure(path, purpose, "a certificate in it is damaged")
        }
    }

    /// The private key of a file, which has no password.
    static func privateKey(_ path: String, purpose: String) throws(FetchError) -> NIOSSLPrivateKey {
        let bytes = try read(path, keyLimit, purpose)
        do {
            // A key with a password asks the terminal for it, unless it is given something.
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem) { answer in answer([0x20]) }
        } catch {
            throw failure(
                path,
                purpose,
                "it holds no private key that could be read",
                hint: "a password is not supported"
            )
        }
    }

    private static func read(_ path: String, _ limit: Int, _ purpose: String) throws(FetchError) -> [UInt8] {
        do throws(FetchError) {
            guard FileStatus(of: path)?.isRegular ?? true else { throw failure(path, purpose, "it is no file") }
            return try Files.read(path, limit: limit)
        } catch {
            throw FetchError(.certificate, "cannot use \(purpose): \(error.message)")
        }
    }

    private static func failure(
        _ path: String,
        _ purpose: String,
        _ reason: String,
        hint: String? = nil
    ) -> FetchError {
        FetchError(.certificate, "cannot use \(purpose): '\(path)': \(reason)", hint: hint)
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return true }
        return indices.contains { self[$0] == first && self[$0...].starts(with: wanted) }
    }
}
