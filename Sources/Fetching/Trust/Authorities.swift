// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import NIOSSL

/// The certificate authorities that may vouch for servers: the machine's, or those that the environment names instead, and
/// files that are added to them.
package struct Authorities: Sendable {
    /// The machine's file, which the TLS library reads when the first connection needs it.
    private var file: String?
    /// Directories whose names are hashes; likewise.
    private var directories: [String] = []
    private var added: [NIOSSLCertificate] = []

    /// Where distributions keep their list (Debian, Alpine and Arch; Fedora; SUSE; OpenELEC; CentOS; FreeBSD).
    private static let knownFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
    /// Where they keep the same as one file each, named by hashes as `openssl rehash` makes them.
    private static let knownDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]

    /// The machine's.
    package init() {
        file = Self.machineFile
        directories = Self.machineDirectories
    }

    /// With `SSL_CERT_FILE` instead of the machine's file and `SSL_CERT_DIR` instead of its directory, as OpenSSL and the
    /// programs that use it have it (openssl-env(7)).
    ///
    /// - Throws: `bad-certificate`, which names the file. OpenSSL passes over a file that it cannot use, and then trusts
    ///   others than was wanted.
    package init(environment: [String: String]) throws(FetchError) {
        if let path = environment["SSL_CERT_FILE"], !path.isEmpty {
            try add([path], purpose: "the authorities of SSL_CERT_FILE")
        } else {
            file = Self.machineFile
        }
        if let paths = environment["SSL_CERT_DIR"], !paths.isEmpty {
            // One that is not there holds no certificates.
            directories = paths.split(separator: ":").map(String.init).filter {
                FileStatus(of: $0)?.isDirectory == true
            }
        } else {
            directories = Self.machineDirectories
        }
    }

    private static var machineFile: String? { knownFiles.first { FileStatus(of: $0)?.isRegular == true } }
    private static var machineDirectories: [String] {
        knownDirectories.first { FileStatus(of: $0)?.isDirectory == true }.map { [$0] } ?? []
    }

    /// Trusts the certificates of files, too.
    ///
    /// - Parameter purpose: for messages: `the authorities of --ca-file`.
    /// - Throws: `bad-certificate`, which names the file.
    package mutating func add(_ paths: [String], purpose: String) throws(FetchError) {
        for path in paths { added += try PEMFile.certificates(path, purpose: purpose) }
    }

    /// How many certificates were added.
    package var addedCount: Int { added.count }

    // MARK: TLS

    var clientConfiguration: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // The library takes one directory as it is; further ones are read here.
        configuration.trustRoots = directories.first.map { .file($0) } ?? .certificates([])
        configuration.additionalTrustRoots = [.certificates(added)]
        if let file { configuration.additionalTrustRoots.append(.file(file)) }
        for directory in directories.dropFirst() {
            configuration.additionalTrustRoots.append(.certificates(Self.hashed(in: directory)))
        }
        return configuration
    }

    /// The certificates of a directory that have hashes for names, `9d66eef0.0`; others are not looked at.
    private static func hashed(in directory: String) -> [NIOSSLCertificate] {
        Files.names(in: directory).filter { name in
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 2 && parts[0].utf8.count == 8 && parts[0].allSatisfy(\.isHexDigit)
                && !parts[1].isEmpty && parts[1].allSatisfy(\.isNumber)
        }.flatMap { (try? PEMFile.certificates("\(directory)/\($0)", purpose: "SSL_CERT_DIR")) ?? [] }
    }

    func clientConfiguration(presenting host: HostCertificates) -> TLSConfiguration {
        var configuration = clientConfiguration
        if let identity = host.identity {
            configuration.certificateChain = identity.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
        }
        return configuration
    }

    /// Why libcrypto does not trust a server's certificates, in its words; nil where it does.
    ///
    /// - Parameter chain: DER, the server's own first.
    func objection(to chain: [[UInt8]]) -> String? {
        ServerTrust.objection(
            to: chain,
            files: file.map { [$0] } ?? [],
            directories: directories,
            roots: added.compactMap { try? $0.toDERBytes() }
        )
    }
}
