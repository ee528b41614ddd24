// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Where the machine itself gets Debian packages from: apt's sources, in both notations.
///
/// Only the places are taken over. What is signed by whom, and which suites count, is never the machine's to say.
package struct AptConfiguration: Sendable {
    /// Entries that are in force, in apt's order: `sources.list`, then `sources.list.d` by name.
    let entries: [SourceLine]

    /// Reads the sources below a root directory (`/` for the machine's own). Files that are absent, unreadable or not
    /// understood count as empty: the machine's configuration is a convenience, and no build depends on it.
    package init(root: String = "/") {
        let base = (root.hasSuffix("/") ? root : root + "/") + "etc/apt/"
        var paths = [base + "sources.list"]
        let folder = base + "sources.list.d"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where name.hasSuffix(".list") || name.hasSuffix(".sources") { paths.append(folder + "/" + name) }
        entries = paths.flatMap(Self.read)
    }

    /// Base URLs of the main archive for a code name (any Debian release, when none is given), in apt's order.
    package func archives(codename: String? = nil) -> [String] {
        bases { suite in
            guard let codename else { return !suite.contains("security") && Self.isDebian(suite) }
            return suite == codename || suite == codename + "-updates"
        }
    }

    /// Base URLs of the security archive.
    package func securityArchives(codename: String? = nil) -> [String] {
        bases { suite in
            guard let codename else { return suite.hasSuffix("-security") || suite.hasSuffix("/updates") }
            return suite == codename + "-security" || suite == codename + "/updates"
        }
    }

    // MARK: Reading

    private static let releases = [
        "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldstable", "stable", "testing",
        "unstable",
    ]

    private static func isDebian(_ suite: String) -> Bool {
        releases.contains { suite == $0 || suite == $0 + "-updates" }
    }

    private func bases(_ isWanted: (String) -> Bool) -> [String] {
        var found: [String] = []
        for entry in entries
        where entry.types.contains("deb") && entry.components.contains("main") && entry.suites.contains(where: isWanted)
        {
            for uri in entry.uris {
                guard let base = Self.base(uri), !found.contains(base) else { continue }
                found.append(base)
            }
        }
        return found
    }

    /// A URL that can be fetched from, without a slash at its end. One with credentials is passed over, since they would
    /// end up in records; so is one that only apt understands (`cdrom:`, `mirror+file:`).
    private static func base(_ uri: String) -> String? {
        guard ["http://", "https://", "file:"].contains(where: { uri.hasPrefix($0) }) else { return nil }
        if let slashes = uri.range(of: "://") {
            let authority = uri[slashes.upperBound...].prefix { $0 != "/" }
            if authority.contains("@") { return nil }
        }
        var base = uri
        while base.hasSuffix("/") { base.removeLast() }
        if base.hasPrefix("file:/"), !base.hasPrefix("file://") { base = "file://" + base.dropFirst(5) }
        return base
    }

    private static func read(_ path: String) -> [SourceLine] {
        guard let data = FileManager.default.contents(atPath: path), data.count < 1 << 20 else { return [] }
        if path.hasSuffix(".sources") { return deb822(Array(data), path) }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).compactMap { line in
            let parsed = try? SourceLine.parse(String(line)) { DebianError("bad-repository", $0) }
            return parsed ?? nil
        }
    }

    private static func deb822(_ bytes: [UInt8], _ path: String) -> [SourceLine] {
        let stanzas = (try? Stanza.parse(bytes, name: path)) ?? []
        return stanzas.compactMap { stanza in
            if let enabled = stanza["Enabled"]?.lowercased(),
                ["no", "false", "0", "off", "without", "disable"].contains(enabled)
            {
                return nil
            }
            return SourceLine(
                types: stanza.words("Types"),
                uris: stanza.words("URIs"),
                suites: stanza.words("Suites"),
                components: stanza.words("Components")
            )
        }
    }
}
