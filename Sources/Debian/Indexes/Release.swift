// SPDX-License-Identifier: Apache-2.0

package import Cryptography

/// What a suite's signed Release file says (Debian repository format, "Release files").
package struct Release: Sendable {
    package struct File: Sendable, Equatable {
        package var sha256: Digest
        package var size: Int
    }

    package var suite: String?
    package var codename: String?
    /// Seconds since the epoch.
    package var date: Int?
    package var validUntil: Int?
    package var architectures: [String]
    package var components: [String]
    package var acquiresByHash: Bool
    /// `Architecture: all` packages stand in the indexes of every architecture and not in `binary-all`.
    package var hasNoSeparateAll: Bool
    package var isNotAutomatic: Bool
    package var isButAutomaticUpgrades: Bool
    /// By path below the suite's folder.
    package var files: [String: File]

    /// The most entries that a Release file may list; Debian's largest has about 3,000.
    static let fileLimit = 200_000

    /// - Parameter name: what the file is called in messages.
    package init(parsing bytes: [UInt8], name: String) throws(DebianError) {
        let stanzas = try Stanza.parse(bytes, name: name)
        guard let stanza = stanzas.first, stanzas.count == 1 else {
            throw DebianError("malformed-release", "\(name) has \(stanzas.count) paragraphs instead of one")
        }
        suite = stanza["Suite"]
        codename = stanza["Codename"]
        date = try Self.time("Date", of: stanza, name: name)
        validUntil = try Self.time("Valid-Until", of: stanza, name: name)
        architectures = stanza.words("Architectures")
        components = stanza.words("Components")
        acquiresByHash = stanza["Acquire-By-Hash"]?.lowercased() == "yes"
        hasNoSeparateAll = stanza.words("No-Support-for-Architecture-all").contains("Packages")
        isNotAutomatic = stanza["NotAutomatic"]?.lowercased() == "yes"
        isButAutomaticUpgrades = stanza["ButAutomaticUpgrades"]?.lowercased() == "yes"
        files = [:]
        guard let list = stanza["SHA256"] else {
            throw DebianError(
                "weak-release",
                "\(name) has no SHA256 sums, so nothing that it lists can be checked",
                hint: "MD5 and SHA-1 sums are not accepted; ask the repository's owner to publish SHA256"
            )
        }
        for line in list.utf8.split(separator: 0x0A) {
            let words = line.split { $0 == 0x20 || $0 == 0x09 }
            guard words.count == 3, let digest = Digest(.sha256, hex: Substring(words[0])),
                let size = Int(Substring(words[1])), size >= 0
            else {
                throw DebianError(
                    "malformed-release",
                    "\(name): '\(String(Substring(line)))' is not of the form 'sum size path'"
                )
            }
            files[String(Substring(words[2]))] = File(sha256: digest, size: size)
            guard files.count <= Self.fileLimit else {
                throw DebianError("malformed-release", "\(name) lists more than \(Self.fileLimit) files")
            }
        }
    }

    /// apt's pin priority of the suite's versions (apt_preferences(5)).
    package var priority: Int {
        if !isNotAutomatic { return 500 }
        return isButAutomaticUpgrades ? 100 : 1
    }

    /// Whether the suite has a component; a suite's components may be written with a prefix (`updates/main`).
    package func has(component: String) -> Bool {
        components.isEmpty
            || components.contains { $0 == component || $0.hasSuffix("/" + component) }
    }

    private static func time(_ field: String, of stanza: Stanza, name: String) throws(DebianError) -> Int? {
        guard let text = stanza[field] else { return nil }
        guard let time = ReleaseTime.seconds(text) else {
            throw DebianError(
                "malformed-release",
                "\(name): '\(text)' in \(field) is not a date in the form of RFC 5322"
            )
        }
        return time
    }
}
