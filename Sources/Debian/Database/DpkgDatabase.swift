// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
internal import Packages

/// dpkg's database below `/var/lib/dpkg`.
///
/// Dev images get what dpkg and apt go on with: `status`, `info/`, `triggers/`, `diversions`, `statoverride`. Runtime images
/// get `status.d/PACKAGE` with `PACKAGE.md5sums`, the form that scanners read, and nothing that a package manager would
/// take for its own; the sums name only files that are in the image.
enum DpkgDatabase {
    static let name = "dpkg-database"

    static func write(to root: inout ImageRoot) throws {
        switch root.variant {
        case .dev: try writeFull(to: &root)
        case .runtime: try writeScannable(to: &root)
        }
    }

    // MARK: Runtime

    private static func writeScannable(to root: inout ImageRoot) throws {
        for package in root.packages {
            let base = "var/lib/dpkg/status.d/" + package.name
            let stanza = StatusStanza.text(package.control, conffiles: try conffiles(of: package, in: root))
            try root.write(try TreePath(base), stanza, by: name)
            let sums = try md5sums(of: package, in: root)
            if !sums.isEmpty { try root.write(try TreePath(base + ".md5sums"), sums, by: name) }
        }
    }

    /// The lines of `md5sums` whose files are in the image under the package's name.
    private static func md5sums(of package: DebianPackage, in root: ImageRoot) throws -> [UInt8] {
        var out: [UInt8] = []
        for line in (package.member("md5sums") ?? []).split(separator: 0x0A) {
            // 32 digits, two blanks, the path.
            guard line.count > 34, let path = try? TreePath(line.dropFirst(34)) else { continue }
            guard let node = root.tree[root.tree.canonical(path)], node.origin == .package(package.identity) else {
                continue
            }
            out += line
            out.append(0x0A)
        }
        return out
    }

    // MARK: Dev

    private static func writeFull(to root: inout ImageRoot) throws {
        let base = "var/lib/dpkg/"
        for directory in ["alternatives", "info", "parts", "triggers", "updates"] {
            try root.directory(try TreePath(base + directory), by: name)
        }
        var status = ""
        for package in root.packages {
            status += StatusStanza.text(package.control, conffiles: try conffiles(of: package, in: root)) + "\n"
            try writeInfo(of: package, to: &root)
        }
        try root.write(try TreePath(base + "status"), status, by: name)
        try root.write(try TreePath(base + "info/format"), "1\n", by: name)
        try root.write(try TreePath(base + "arch"), root.platform.architecture + "\n", by: name)
        if let script = root.package("dpkg")?.member("postinst"),
            String(decoding: script, as: UTF8.self).contains("arch-native")
        {
            try root.write(try TreePath(base + "arch-native"), root.platform.architecture + "\n", by: name)
        }
        let diversions = root.diversions.map { "\($0.from)\n\($0.to)\n\($0.package)\n" }.joined()
        try root.write(try TreePath(base + "diversions"), diversions, by: name)
        let overrides = root.overrides.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            .map { "\($0.user) \($0.group) \(String($0.mode, radix: 8)) \($0.path)\n" }.joined()
        if !overrides.isEmpty { try root.write(try TreePath(base + "statoverride"), overrides, by: name) }
        try writeTriggers(to: &root)
    }

    private static let scripts = ["preinst", "postinst", "prerm", "postrm", "config"]

    private static func writeInfo(of package: DebianPackage, to root: inout ImageRoot) throws {
        let base = "var/lib/dpkg/info/" + package.identity + "."
        // Paths as bytes: a name need not be UTF-8.
        var bytes: [UInt8] = []
        var hasRoot = false
        for node in package.installed.contents.nodes {
            if node.path.isRoot {
                hasRoot = true
                bytes += Array("/.\n".utf8)
            } else {
                bytes += [0x2F] + node.path.bytes + [0x0A]
            }
        }
        if !hasRoot { bytes = Array("/.\n".utf8) + bytes }
        try root.write(try TreePath(base + "list"), bytes, by: name)
        for (member, content) in package.installed.contents.control.sorted(by: { $0.key < $1.key })
        where member != "control" {
            try root.write(
                try TreePath(base + member),
                content,
                mode: scripts.contains(member) ? 0o755 : 0o644,
                by: name
            )
        }
    }

    /// `File` for interests in paths, one file for each named trigger, `Unincorp` empty; all sorted.
    private static func writeTriggers(to root: inout ImageRoot) throws {
        var files: [String] = []
        var named: [String: [String]] = [:]
        for package in root.packages {
            for line in String(decoding: package.member("triggers") ?? [], as: UTF8.self).split(
                whereSeparator: \.isNewline
            ) {
                let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.map(String.init)
                guard words.count == 2, words[0].hasPrefix("interest") else { continue }
                let entry = package.identity + (words[0] == "interest-noawait" ? "/noawait" : "")
                if words[1].hasPrefix("/") {
                    files.append("\(words[1]) \(entry)")
                } else {
                    named[words[1], default: []].append(entry)
                }
            }
        }
        files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        try root.write("var/lib/dpkg/triggers/File", files.map { $0 + "\n" }.joined(), by: name)
        try root.write("var/lib/dpkg/triggers/Unincorp", "", by: name)
        for (trigger, packages) in named.sorted(by: { $0.key < $1.key }) {
            let path = try TreePath("var/lib/dpkg/triggers/" + trigger)
            try root.write(path, packages.map { $0 + "\n" }.joined(), by: name)
        }
    }

    // MARK: Conffiles

    private static func conffiles(of package: DebianPackage, in root: ImageRoot) throws -> [(path: String, md5: String)]
    {
        var out: [(String, String)] = []
        for line in String(decoding: package.member("conffiles") ?? [], as: UTF8.self).split(
            whereSeparator: \.isNewline
        ) {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            // deb-conffiles(5): the file is not there, and goes at the next upgrade.
            if words.count == 2, words[0] == "remove-on-upgrade" {
                out.append((words[1], "newconffile remove-on-upgrade"))
                continue
            }
            guard words.count == 1, let path = words.first, path.hasPrefix("/"),
                let bytes = try root.bytes(try TreePath(path))
            else { continue }
            out.append((path, Digest.of(bytes, .md5).hex))
        }
        return out
    }
}
