// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree

/// `update-ca-certificates` of Alpine's ca-certificates: the bundle of what `/etc/ca-certificates.conf` lists and of what
/// lies in `/usr/local/share/ca-certificates`, and a link for each certificate.
///
/// ca-certificates-bundle needs none of this: its bundle is a file.
enum CertificateBundle {
    static let name = KnownScripts.Effect.certificates.rawValue
    private static let global: TreePath = "usr/share/ca-certificates"
    private static let local: TreePath = "usr/local/share/ca-certificates"

    static func apply(to root: inout ImageRoot) throws {
        var sources: [TreePath] = []
        for line in (try root.text("etc/ca-certificates.conf") ?? "").split(separator: "\n") {
            if line.hasPrefix("#") || line.hasPrefix("!") { continue }
            let path = try TreePath("\(global)/\(line)")
            if root.tree.follow(path) != nil { sources.append(path) }
        }
        sources += root.tree.children(of: local).filter { $0.content != nil && $0.path.name.first != 0x2E }.map(\.path)
        if sources.isEmpty { return }
        var bundle: [UInt8] = []
        for path in sources {
            guard let bytes = try root.bytes(path, limit: 1 << 20) else { continue }
            bundle += bytes
            // A certificate without a line end would swallow the next one's first line.
            if bundle.last != 0x0A { bundle.append(0x0A) }
        }
        try root.write("etc/ssl/certs/ca-certificates.crt", bundle, by: name)
        var links: [(name: String, source: TreePath)] = []
        for path in sources {
            let link = linkName(path.name)
            let place = try TreePath("etc/ssl/certs/" + link)
            if root.tree[place] != nil { continue }
            try root.link(place, to: "/\(path)", by: name)
            links.append((link, path))
        }
        try addHashLinks(for: links, to: &root)
    }

    /// `c_rehash`: a link by the hash of the subject, numbered where several certificates share one.
    private static func addHashLinks(for links: [(name: String, source: TreePath)], to root: inout ImageRoot) throws {
        var seen: [UInt32: [Digest]] = [:]
        for link in links.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            guard let bytes = try root.bytes(link.source, limit: 1 << 20), let certificate = Certificate(pem: bytes),
                seen[certificate.subjectHash]?.contains(certificate.fingerprint) != true
            else { continue }
            let number = seen[certificate.subjectHash]?.count ?? 0
            seen[certificate.subjectHash, default: []].append(certificate.fingerprint)
            let digits = String(certificate.subjectHash, radix: 16)
            let hash = String(repeating: "0", count: 8 - digits.count) + digits
            try root.link(try TreePath("etc/ssl/certs/\(hash).\(number)"), to: link.name, by: name)
        }
    }

    /// `ca-cert-<file>.pem`, without `.crt`, and without characters that a shell would mind.
    static func linkName(_ file: some Collection<UInt8>) -> String {
        var name = String(decoding: Array(file), as: UTF8.self)
        if name.hasSuffix(".crt") { name.removeLast(4) }
        let safe = name.map { character -> Character in
            switch character {
            case ",", " ": "_"
            case "(", ")": "="
            default: character
            }
        }
        return "ca-cert-" + String(safe) + ".pem"
    }
}
