// SPDX-License-Identifier: Apache-2.0

/// A certificate authority of a test's own, made by the openssl program.
package struct TLSAuthority: Sendable {
    package static let isAvailable = Tool.exists("openssl")

    /// A certificate and its key, in files.
    package struct Identity: Sendable {
        package let certificate: String
        package let key: String
    }

    package let directory: TemporaryDirectory
    package let name: String
    /// The authority's own certificate.
    package var certificate: String { directory.path("\(name).ca.crt") }

    package init(_ name: String = "test", in directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        self.name = name
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", self.directory.path("\(name).ca.key"), "-out", certificate, "-subj", "/CN=\(name) authority",
            "-addext", "basicConstraints=critical,CA:true", "-addext", "keyUsage=critical,keyCertSign",
        ])
    }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - names: `DNS:localhost`, `IP:127.0.0.1`.
    ///   - days: how long it is valid from now; one that is over where it is negative.
    package func issue(_ label: String, _ names: [String], days: Int = 2, use: String = "serverAuth") throws -> Identity
    {
        let key = directory.path("\(label).key")
        let request = directory.path("\(label).csr")
        let certificate = directory.path("\(label).crt")
        let extensions = try directory.write(
            Array(
                """
                basicConstraints=critical,CA:false
                extendedKeyUsage=\(use)
                subjectAltName=\(names.joined(separator: ","))

                """.utf8
            ),
            to: "\(label).ext"
        )
        try openssl([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
            request, "-subj", "/CN=\(label)",
        ])
        try openssl([
            "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", directory.path("\(name).ca.key"),
            "-CAcreateserial", "-days", "\(days)", "-extfile", extensions, "-out", certificate,
        ])
        return Identity(certificate: certificate, key: key)
    }

    private func openssl(_ arguments: [String]) throws {
        let output = try Tool.run("openssl", arguments)
        guard output.status == 0 else { throw ServerFailure(text: output.stderr) }
    }
}
