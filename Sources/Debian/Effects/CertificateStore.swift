// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// `update-ca-certificates` with debconf's default, which trusts every certificate of ca-certificates: the bundle, a `.pem`
/// link for each certificate, OpenSSL's hash links, and `/etc/ca-certificates.conf`.
package enum CertificateStore: Effect {
    package static let name = "ca-certificates"
    static let bundlePath: TreePath = "etc/ssl/certs/ca-certificates.crt"
    static let source: TreePath = "usr/share/ca-certificates"

    /// One certificate of the package, under the name of its link.
    struct Entry {
        /// Path below `/usr/share/ca-certificates`: `mozilla/ISRG_Root_X1.crt`.
        var file: String
        /// The link's name in `/etc/ssl/certs`.
        var link: String
        var pem: [UInt8]
        var certificate: Certificate
    }

    package static func apply(to root: inout ImageRoot) throws {
        guard let package = root.package("ca-certificates") else { return }
        let entries = try entries(in: root)
        try root.directory("etc/ssl/certs", by: name)
        try root.write(bundlePath, bundle(of: entries), by: name)
        try root.directory("etc/ca-certificates/update.d", by: name)
        for entry in entries {
            try root.link(
                try TreePath("etc/ssl/certs/" + entry.link),
                to: "/usr/share/ca-certificates/" + entry.file,
                by: name
            )
        }
        for (link, target) in hashLinks(of: entries) {
            try root.link(try TreePath("etc/ssl/certs/" + link), to: target, by: name)
        }
        let header = package.member("postinst").flatMap {
            VerbatimFiles.document(in: ShellScript($0), writtenTo: "/etc/ca-certificates.conf")
        }
        let list = entries.map { $0.file + "\n" }.joined()
        try root.write("etc/ca-certificates.conf", (header ?? "") + list, by: name)
    }

    /// The certificates in byte order of their paths.
    ///
    /// - Throws: `badInput` for a `.crt` file that holds no certificate.
    static func entries(in root: ImageRoot) throws -> [Entry] {
        var entries: [Entry] = []
        for node in root.tree.descendants(of: source) where node.path.name.suffix(4).elementsEqual(".crt".utf8) {
            guard !node.isDirectory, let pem = try root.bytes(node.path, limit: 1 << 20) else { continue }
            guard let certificate = Certificate(pem: pem) else {
                throw AssemblyError(
                    .badInput,
                    "'/\(node.path)' of \(node.origin) is no certificate",
                    hint: "the package is broken; choose another version of ca-certificates"
                )
            }
            let file = String(decoding: node.path.bytes.dropFirst(source.bytes.count + 1), as: UTF8.self)
            let base = String(decoding: node.path.name.dropLast(4), as: UTF8.self)
            entries.append(Entry(file: file, link: linkName(base), pem: pem, certificate: certificate))
        }
        return entries
    }

    /// update-ca-certificates' renaming: blanks and commas become `_`, parentheses `=`.
    private static func linkName(_ base: String) -> String {
        String(
            base.map { character in
                switch character {
                case " ", ",": "_"
                case "(", ")": "="
                default: character
                }
            }
        ) + ".pem"
    }

    static func bundle(of entries: [Entry]) -> [UInt8] {
        var out: [UInt8] = []
        for entry in entries {
            out += entry.pem
            if entry.pem.last != 0x0A { out.append(0x0A) }
        }
        return out
    }

    /// `openssl rehash`: `HASH.N` for each link in byte order of names, N counting certificates with one subject; a
    /// certificate that is there twice gets one link.
    static func hashLinks(of entries: [Entry]) -> [(link: String, target: String)] {
        var seen: Set<Digest> = []
        var next: [UInt32: Int] = [:]
        var out: [(String, String)] = []
        for entry in entries.sorted(by: { $0.link.utf8.lexicographicallyPrecedes($1.link.utf8) })
        where seen.insert(entry.certificate.fingerprint).inserted && Certificate.count(inPEM: entry.pem) == 1 {
            let hash = entry.certificate.subjectHash
            let number = next[hash, default: 0]
            next[hash] = number + 1
            let hex = String(hash, radix: 16)
            out.append((String(repeating: "0", count: 8 - hex.count) + hex + ".\(number)", entry.link))
        }
        return out
    }
}
