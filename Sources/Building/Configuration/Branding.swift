// SPDX-License-Identifier: Apache-2.0

/// Whose image it is: the names that outputs carry in place of those of a catalog's publisher.
///
/// Definitions of the published catalog name their publisher in titles, os-release and annotations. The names are
/// trademarks, and an image built here is not that publisher's: it is read as it is, and its outputs say whose they are.
package struct Branding: Sendable, Hashable {
    /// The vendor's name, for people: `org.opencontainers.image.vendor`, os-release.
    package var vendor: String
    /// Prefix of our own labels and annotations, in reverse domain notation, without a final dot.
    package var labelPrefix: String
    /// The vendor's page; nil leaves such fields out.
    package var url: String?
    /// The registry and path that image names get instead of the catalog's registry.
    package var repository: String?

    package init(
        vendor: String = "Basalt",
        labelPrefix: String = "dev.basalt",
        url: String? = nil,
        repository: String? = nil
    ) {
        self.vendor = vendor
        self.labelPrefix = labelPrefix
        self.url = url
        self.repository = repository
    }

    private static let registry = "dhi.io/"
    private static let foreignPrefix = "com.docker.dhi."
    private static let names = [
        "Docker Hardened Images", "Docker Hardened Image", "Docker, Inc.", "Docker Inc.", "DHI",
    ]
    private static let hosts = ["docker.com", "dhi.io"]

    /// The image's name with the catalog's registry replaced by ours.
    package func image(_ name: String) -> String {
        let isForeign = name.hasPrefix(Self.registry) || name.hasPrefix("dhi/")
        guard isForeign, let slash = name.firstIndex(of: "/") else { return name }
        let rest = name[name.index(after: slash)...]
        return "\(repository ?? labelPrefix.split(separator: ".").reversed().joined(separator: "."))/\(rest)"
    }

    /// A text for people with the publisher's names replaced; nil for a URL of the publisher, unless we have one.
    package func text(_ value: String) -> String? {
        if value.hasPrefix("http://") || value.hasPrefix("https://"),
            let host = value.split(separator: "/", maxSplits: 2).dropFirst().first,
            Self.hosts.contains(where: { host == $0 || host.hasSuffix("." + $0) })
        {
            return url
        }
        return Self.names.reduce(value) { text, name in Self.replace(name, in: text, with: vendor) }
    }

    /// The key of a label or annotation, with the publisher's prefix replaced by ours.
    package func key(_ key: String) -> String {
        key.hasPrefix(Self.foreignPrefix) ? labelPrefix + "." + key.dropFirst(Self.foreignPrefix.count) : key
    }

    /// Replaces whole words only: `DHI` is a name, `DHIS2` is another.
    private static func replace(_ name: String, in text: String, with vendor: String) -> String {
        var out = ""
        var rest = text[...]
        while let range = rest.firstRange(of: name) {
            let before = range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
            let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
            func isWord(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
            out += rest[..<range.lowerBound]
            out += isWord(before) || isWord(after) ? name : vendor
            rest = rest[range.upperBound...]
        }
        return out + rest
    }
}
