// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Fetching

/// An image in a registry: `host[:port]/repository[:tag][@digest]` (distribution-spec 1.1.1, "Pull"). The host is never
/// implied.
package struct RegistryReference: Hashable, Sendable, CustomStringConvertible {
    /// With the port, if one is written.
    package var host: String
    package var repository: String
    package var tag: String?
    package var digest: Digest?

    package init(host: String, repository: String, tag: String? = nil, digest: Digest? = nil) {
        self.host = host
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// - Throws: `invalid-reference`.
    package init(_ text: String) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference,
                "'\(text)' is no image in a registry: \(reason)",
                hint: "write HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]"
            )
        }
        guard let slash = text.firstIndex(of: "/") else { throw refuse("it names no registry") }
        let host = String(text[..<slash])
        guard Self.isHost(host) else { throw refuse("'\(host)' is no host name") }
        var rest = text[text.index(after: slash)...]
        var digest: Digest?
        if let at = rest.firstIndex(of: "@") {
            guard let value = Digest(rest[rest.index(after: at)...]), value.algorithm == .sha256 else {
                throw refuse("its digest is not sha256: and 64 lower-case hexadecimal digits")
            }
            digest = value
            rest = rest[..<at]
        }
        var tag: String?
        if let colon = rest.firstIndex(of: ":") {
            let value = String(rest[rest.index(after: colon)...])
            guard Self.isTag(value) else { throw refuse("'\(value)' is no tag") }
            tag = value
            rest = rest[..<colon]
        }
        guard Self.isRepository(rest) else {
            throw refuse("'\(rest)' is no repository name (lower case, digits, . _ - and /)")
        }
        self.init(host: host, repository: String(rest), tag: tag, digest: digest)
    }

    package var description: String {
        "\(host)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// What the registry is asked for: the digest if there is one, else the tag, else `latest`.
    package var target: String { digest?.description ?? tag ?? "latest" }

    /// Whether the registry runs on this machine, where plain HTTP is usual: `localhost`, or an address of its loopback
    /// interface (RFC 1122 section 3.2.1.3; RFC 4291 section 2.5.3). A name that only looks like one is anybody's.
    package var isLoopback: Bool {
        let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
        return name == "localhost" || HostAddress(name)?.isLoopback == true
    }

    /// A dot, a port, or `localhost`: what tells a host from the first part of a repository's name.
    private static func isHost(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count <= 255,
            bytes.contains(UInt8(ascii: ".")) || bytes.contains(UInt8(ascii: ":")) || text == "localhost"
        else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || ".-:[]".utf8.contains($0) } && !text.hasPrefix(":")
            && !text.hasPrefix(".")
    }

    /// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
    static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
            && text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }

    /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*`
    private static func isRepository(_ text: Substring) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 255 else { return false }
        return text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            var separator: [UInt8] = []
            var hasName = false
            for byte in part {
                if (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) {
                    let isSeparator =
                        separator.isEmpty || separator.allSatisfy { $0 == UInt8(ascii: "-") }
                        || separator.elementsEqual(".".utf8)
                        || separator.elementsEqual("_".utf8) || separator.elementsEqual("__".utf8)
                    guard isSeparator, hasName || separator.isEmpty else { return false }
                    separator = []
                    hasName = true
                } else {
                    separator.append(byte)
                }
            }
            return hasName && separator.isEmpty
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
