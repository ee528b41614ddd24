// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// A package's licence as an SPDX expression (SPDX 2.3 annex D), and the texts of the licences that SPDX has no id for.
package struct Licence: Hashable, Sendable {
    /// A licence that only its own text describes.
    package struct Extracted: Hashable, Sendable {
        /// `LicenseRef-…`
        package var identifier: String
        package var name: String
        package var text: String
    }

    package var expression: String
    /// Sorted by identifier.
    package var extracted: [Extracted]

    package init(expression: String, extracted: [Extracted] = []) {
        self.expression = expression
        var seen: Set<String> = []
        self.extracted = extracted.sorted { $0.identifier.utf8.lexicographicallyPrecedes($1.identifier.utf8) }
            .filter { seen.insert($0.identifier).inserted }
    }

    /// Reads an expression as a package index states it (Alpine's `L:`): identifiers that SPDX does not have become
    /// references; nil for an empty one or one that has no sense.
    package static func stated(_ text: String) -> Licence? {
        var parser = LicenceExpression(text)
        guard let parsed = parser.parse() else { return nil }
        var extracted: [Extracted] = []
        let expression = parsed.rendered { name in
            if let known = LicenceNames.spdx(name) { return known }
            let reference = Extracted.named(name, text: nil)
            extracted.append(reference)
            return reference.identifier
        }
        return Licence(expression: expression, extracted: extracted)
    }
}

extension Licence.Extracted {
    /// The identifier has a part of the text's digest, since two packages give one name to two texts.
    static func named(_ name: String, text: String?) -> Licence.Extracted {
        let text = text ?? "The package names this licence '\(name)' and gives no text of it."
        var slug = ""
        for byte in name.utf8.prefix(48) {
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2E
            if isPlain {
                slug.unicodeScalars.append(Unicode.Scalar(byte))
            } else if !slug.hasSuffix("-") {
                slug += "-"
            }
        }
        let digest = Digest.of("\(name)\n\(text)").hex.prefix(8)
        return Licence.Extracted(
            identifier:
                "LicenseRef-\(slug.isEmpty || slug == "-" ? "unnamed" : slug)\(slug.hasSuffix("-") ? "" : "-")\(digest)",
            name: name,
            text: text
        )
    }
}
