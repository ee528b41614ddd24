// SPDX-License-Identifier: Apache-2.0

/// A package's `.PKGINFO`: `key = value` lines, `#` for comments (apk-v2(5), "THE CONTROL SECTION").
package struct PackageInfo: Sendable {
    /// Values by key, in the order of the lines.
    private var values: [String: [String]] = [:]

    package init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0A) where line.first != UInt8(ascii: "#") {
            guard
                let equals = line.indices.dropLast(2).first(where: {
                    line[$0] == 0x20 && line[$0 + 1] == 0x3D && line[$0 + 2] == 0x20
                })
            else { continue }
            let key = String(decoding: line[..<equals], as: UTF8.self)
            values[key, default: []].append(String(decoding: line[(equals + 3)...], as: UTF8.self))
        }
    }

    /// The last value of a key, as apk takes it.
    package func value(_ key: String) -> String? { values[key]?.last }
    package func all(_ key: String) -> [String] { values[key] ?? [] }

    package var name: String? { value("pkgname") }
    package var version: String? { value("pkgver") }
    /// SHA-256 of the data stream, hexadecimal.
    package var dataHash: String? { value("datahash") }
    /// Directories whose changes fire the package's trigger, with wildcards.
    package var triggers: [String] { all("triggers").flatMap(Self.words) }
    package var replaces: [Dependency] { dependencies("replaces") }
    package var replacesPriority: Int { value("replaces_priority").flatMap { Int($0) } ?? 0 }

    private func dependencies(_ key: String) -> [Dependency] {
        all(key).flatMap(Self.words).compactMap { Dependency(parsing: $0.utf8) }
    }

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    /// The same as an index would say it; nil without a name or a version.
    package func entry(checksum: Checksum, size: Int) -> IndexEntry? {
        guard let name, let version else { return nil }
        var entry = IndexEntry(checksum: checksum, name: name, version: Version(version))
        entry.architecture = value("arch")
        entry.size = size
        entry.installedSize = value("size").flatMap { Int($0) } ?? 0
        entry.summary = value("pkgdesc") ?? ""
        entry.homepage = value("url") ?? ""
        entry.licence = value("license") ?? ""
        entry.origin = value("origin") ?? ""
        entry.maintainer = value("maintainer") ?? ""
        entry.buildTime = value("builddate").flatMap { Int($0) } ?? 0
        entry.commit = value("commit") ?? ""
        entry.priority = value("provider_priority").flatMap { Int($0) } ?? 0
        entry.depends = dependencies("depend")
        entry.provides = dependencies("provides")
        entry.installIf = dependencies("install_if")
        return entry
    }
}
