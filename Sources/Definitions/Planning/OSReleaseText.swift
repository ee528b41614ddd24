// SPDX-License-Identifier: Apache-2.0

extension Plan {
    /// The text of `/etc/os-release`: ID, ID_LIKE of one word and VERSION_CODENAME bare, everything else quoted, as
    /// Debian writes it. Characters that a shell would expand are escaped (os-release(5)).
    package var osReleaseText: String { Self.text(osRelease: osRelease) }

    /// The text of an os-release file with these keys, for a builder that replaces some of the values.
    package static func text(osRelease: [Pair]) -> String {
        var out = ""
        for pair in osRelease {
            let isBare =
                ["ID", "ID_LIKE", "VERSION_CODENAME"].contains(pair.name) && pair.value.utf8.allSatisfy(isPlain)
            out += "\(pair.name)=\(isBare ? pair.value : "\"\(escaped(pair.value))\"")\n"
        }
        return out
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func escaped(_ value: String) -> String {
        var out = ""
        for character in value.unicodeScalars {
            if "\"$`\\".unicodeScalars.contains(character) { out += "\\" }
            out.unicodeScalars.append(character == "\n" ? " " : character)
        }
        return out
    }
}
