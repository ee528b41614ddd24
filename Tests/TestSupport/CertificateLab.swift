// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography
internal import Foundation
internal import Synchronization

/// A certificate authority for code signing and a timestamp authority, made by openssl for the occasion, and their part of a
/// trusted root.
package final class CertificateLab: Sendable {
    package static let exists = Tool.exists("openssl")
    package static let reason: String = "openssl is not installed"

    /// What a certificate says.
    package struct Request: Sendable {
        package var names = ["URI:https://git.example.org/ci@refs/heads/main"]
        /// In Fulcio's extension; nil for none.
        package var issuer: String? = "https://issuer.example.org"
        package var usage = "codeSigning"
        package var constraints = "CA:FALSE"
        /// Seconds from now.
        package var validity = -3600...3600
        package init() {}
        package init(_ change: (inout Request) -> Void) { change(&self) }
    }

    /// What the authorities are.
    package struct Authorities: Sendable {
        /// The extended key usage of the authority that issues code signing certificates; empty for none.
        package var codeSigning = "codeSigning"
        /// That of an authority between the root and the one that stamps; nil for no such authority.
        package var timeStamping: String?
        /// The hash by which the root and the authorities sign certificates.
        package var digest = "sha256"
        package init(_ change: (inout Authorities) -> Void = { _ in }) { change(&self) }
    }

    /// One for all tests that need nothing but one: making it takes a dozen runs of openssl.
    package static let shared = Result { try CertificateLab() }

    private let directory: TemporaryDirectory
    private let authorities: Authorities
    /// openssl's authority is a database in files.
    private let lock = Mutex(())
    private func path(_ name: String) -> String { directory.path(name) }

    package init(_ authorities: Authorities = Authorities()) throws {
        self.authorities = authorities
        directory = try TemporaryDirectory()
        func usage(_ text: String) -> String { text.isEmpty ? "" : "extendedKeyUsage=\(text)" }
        let configuration = """
            [ca]
            default_ca=authority
            [authority]
            database=\(path("index.txt"))
            new_certs_dir=\(directory.path)
            default_md=\(authorities.digest)
            rand_serial=yes
            unique_subject=no
            policy=any
            [any]
            commonName=supplied
            [req]
            distinguished_name=name
            [name]
            [root]
            basicConstraints=critical,CA:TRUE
            keyUsage=critical,keyCertSign,cRLSign
            subjectKeyIdentifier=hash
            [intermediate]
            basicConstraints=critical,CA:TRUE,pathlen:0
            keyUsage=critical,keyCertSign
            \(usage(authorities.codeSigning))
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            [stamping]
            basicConstraints=critical,CA:TRUE,pathlen:0
            keyUsage=critical,keyCertSign
            \(usage(authorities.timeStamping ?? ""))
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            [stamps]
            basicConstraints=critical,CA:FALSE
            keyUsage=critical,digitalSignature
            extendedKeyUsage=critical,timeStamping
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid
            [tsa]
            serial=\(path("tsa.serial"))
            signer_digest=sha256
            default_policy=1.2.3.4
            digests=sha256,sha384,sha512
            ess_cert_id_alg=sha256

            """
        try directory.write(Array(configuration.utf8), to: "openssl.cnf")
        try directory.write([], to: "index.txt")
        for name in ["root", "intermediate", "stamping", "stamps"] {
            try openssl(
                "genpkey",
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-out",
                path("\(name).key")
            )
        }
        try openssl(
            "req",
            "-new",
            "-x509",
            "-config",
            path("openssl.cnf"),
            "-key",
            path("root.key"),
            "-subj",
            "/CN=root",
            "-days",
            "30",
            "-extensions",
            "root",
            "-out",
            path("root.pem")
        )
        for name in ["intermediate", "stamping", "stamps"] {
            try issue(
                name,
                by: name == "stamps" && authorities.timeStamping != nil ? "stamping" : "root",
                key: path("\(name).key"),
                extensions: path("openssl.cnf"),
                validity: -86_400...86_400
            )
        }
    }

    @discardableResult
    private func openssl(_ arguments: String...) throws -> Tool.Output {
        let output = try Tool.run("openssl", arguments)
        guard output.status == 0 else { throw ServerFailure(text: "openssl \(arguments): \(output.stderr)") }
        return output
    }

    /// Issues `NAME.pem`, with the extensions of the section of its name.
    private func issue(
        _ name: String,
        by authority: String,
        key: String,
        extensions: String,
        validity: ClosedRange<Int>
    ) throws {
        let now = Date()
        let dates = [validity.lowerBound, validity.upperBound].map { offset in
            let text = now.addingTimeInterval(TimeInterval(offset)).formatted(.iso8601)
            return text.filter { $0.isNumber } + "Z"
        }
        try openssl(
            "req",
            "-new",
            "-config",
            path("openssl.cnf"),
            "-key",
            key,
            "-subj",
            "/CN=\(name)",
            "-out",
            path("\(name).csr")
        )
        try openssl(
            "ca",
            "-batch",
            "-notext",
            "-config",
            path("openssl.cnf"),
            "-cert",
            path("\(authority).pem"),
            "-keyfile",
            path("\(authority).key"),
            "-in",
            path("\(name).csr"),
            "-out",
            path("\(name).pem"),
            "-startdate",
            dates[0],
            "-enddate",
            dates[1],
            "-extfile",
            extensions,
            "-extensions",
            name
        )
    }

    package func der(_ name: String) throws -> [UInt8] {
        try PEM(first: Array(try Data(contentsOf: URL(filePath: path("\(name).pem"))))).bytes
    }

    /// A certificate for a key by the intermediate authority.
    package func certificate(for key: PrivateKey, _ request: Request = Request()) throws -> [UInt8] {
        var extensions = """
            [leaf]
            basicConstraints=critical,\(request.constraints)
            keyUsage=critical,digitalSignature
            subjectKeyIdentifier=hash
            authorityKeyIdentifier=keyid

            """
        if !request.usage.isEmpty { extensions += "extendedKeyUsage=\(request.usage)\n" }
        if !request.names.isEmpty {
            extensions += "subjectAltName=critical,\(request.names.joined(separator: ","))\n"
        }
        if let issuer = request.issuer { extensions += "1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:\(issuer)\n" }
        return try lock.withLock { _ in
            try directory.write(Array(key.pem.utf8), to: "leaf.key")
            try directory.write(Array(extensions.utf8), to: "leaf.cnf")
            try issue(
                "leaf",
                by: "intermediate",
                key: path("leaf.key"),
                extensions: path("leaf.cnf"),
                validity: request.validity
            )
            return try der("leaf")
        }
    }

    /// The leaf's issuers, the root last.
    package func issuers() throws -> [[UInt8]] { [try der("intermediate"), try der("root")] }

    /// An RFC 3161 response over the bytes, from now.
    package func stamp(_ bytes: [UInt8]) throws -> [UInt8] {
        try lock.withLock { _ in
            try directory.write(TimestampToken.request(over: bytes, nonce: 1) ?? [], to: "query")
            try directory.write(Array("01\n".utf8), to: "tsa.serial")
            try openssl(
                "ts",
                "-reply",
                "-config",
                path("openssl.cnf"),
                "-section",
                "tsa",
                "-queryfile",
                path("query"),
                "-signer",
                path("stamps.pem"),
                "-inkey",
                path("stamps.key"),
                "-chain",
                path(authorities.timeStamping == nil ? "root.pem" : "stamping.pem"),
                "-out",
                path("response")
            )
            return Array(try Data(contentsOf: URL(filePath: path("response"))))
        }
    }

    /// A trusted root with both authorities and the logs.
    package func trustedRoot(logs: [JSON] = [], since: String = "2020-01-01T00:00:00Z") throws -> JSON {
        func authority(_ uri: String, _ names: [String]) throws -> JSON {
            let chain = try names.map { JSON.object([("rawBytes", .string(Base64.encode(try der($0))))]) }
            return .object([
                ("uri", .string(uri)), ("certChain", .object([("certificates", .array(chain))])),
                ("validFor", .object([("start", .string(since))])),
            ])
        }
        return .object([
            ("mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.1"), ("tlogs", .array(logs)),
            ("certificateAuthorities", .array([try authority("https://ca.example.org", ["intermediate", "root"])])),
            (
                "timestampAuthorities",
                .array([
                    try authority(
                        "https://tsa.example.org",
                        ["stamps"] + (authorities.timeStamping == nil ? [] : ["stamping"]) + ["root"]
                    )
                ])
            ),
        ])
    }
}
