// SPDX-License-Identifier: Apache-2.0

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
        for path in sources {
            let link = try TreePath("etc/ssl/certs/" + linkName(path.name))
            if root.tree[link] == nil { try root.link(link, to: "/\(path)", by: name) }
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
