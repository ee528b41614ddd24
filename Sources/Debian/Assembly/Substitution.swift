// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
internal import Packages

/// Names that definitions use and Debian lacks, made from a package that it has.
package enum Substitution {
    /// Name, and the Debian package that stands in for it.
    package static let builtIn: [String: String] = ["ca-certificates-bundle": "ca-certificates"]

    /// Turns an installed package whose index name is a substitute's, and whose file is the Debian package, into what is
    /// installed: for `ca-certificates-bundle` the bundle and the copyright file of ca-certificates, and nothing else.
    ///
    /// The version stays and the stanza names the source package, so that scanners find the same advisories.
    static func apply(to package: DebianPackage, contents: any ContentSource) throws -> DebianPackage {
        let wanted = package.installed.package.name
        guard wanted != package.name, builtIn[wanted] == package.name else { return package }
        return try bundle(package, as: wanted, contents: contents)
    }

    private static func bundle(
        _ package: DebianPackage,
        as name: String,
        contents: any ContentSource
    ) throws -> DebianPackage {
        var out = package
        var parts: [(path: TreePath, pem: [UInt8])] = []
        var mtime = 0
        var kept: [Node] = []
        for node in package.installed.contents.nodes {
            if node.path.isWithin("usr/share/doc") {
                guard node.path.name.elementsEqual("copyright".utf8) else { continue }
                var copyright = node
                copyright.path = try TreePath("usr/share/doc/\(name)/copyright")
                kept.append(copyright)
            } else if node.path.isWithin(CertificateStore.source), node.path.name.suffix(4).elementsEqual(".crt".utf8),
                let content = node.content, content.size <= 1 << 20
            {
                parts.append((node.path, try contents.read(content)))
                mtime = max(mtime, node.mtime)
            }
        }
        parts.sort { $0.path < $1.path }
        var bytes: [UInt8] = []
        for part in parts {
            bytes += part.pem
            if part.pem.last != 0x0A { bytes.append(0x0A) }
        }
        guard !bytes.isEmpty else {
            throw AssemblyError(
                .badInput,
                "\(package.name) \(package.control.version) has no certificates to make \(name) of",
                hint: "map \(name) to another package in the configuration"
            )
        }
        kept.append(
            Node(
                CertificateStore.bundlePath,
                .file(FileContent(bytes)),
                mode: 0o644,
                mtime: mtime,
                origin: .package(name)
            )
        )
        out.installed.contents.nodes = kept
        out.control.set("Package", name)
        if out.control["Source"] == nil { out.control.set("Source", package.name) }
        for field in [
            "Depends", "Pre-Depends", "Recommends", "Suggests", "Enhances", "Breaks", "Replaces", "Conflicts",
            "Multi-Arch",
        ] {
            out.control.remove(field)
        }
        out.control.set("Installed-Size", String((bytes.count + 1023) / 1024))
        var lines = ""
        for node in kept.sorted(by: { $0.path < $1.path }) {
            guard let content = node.content else { continue }
            lines += "\(Digest.of(try contents.read(content), .md5).hex)  \(node.path)\n"
        }
        out.installed.contents.control = [
            "control": package.installed.contents.control["control"] ?? [], "md5sums": Array(lines.utf8),
        ]
        return out
    }
}
