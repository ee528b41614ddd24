// SPDX-License-Identifier: Apache-2.0

/// A package URL (the purl specification, ECMA-427): `pkg:deb/debian/bash@5.2.37-2+b5?arch=amd64`.
package struct PackageURL: Hashable, Sendable, CustomStringConvertible {
    package var type: String
    package var namespace: [String]
    package var name: String
    package var version: String?
    package var qualifiers: [String: String]
    package var subpath: [String]

    package init(
        type: String,
        namespace: [String] = [],
        name: String,
        version: String? = nil,
        qualifiers: [String: String] = [:],
        subpath: [String] = []
    ) {
        self.type = type
        self.namespace = namespace
        self.name = name
        self.version = version
        self.qualifiers = qualifiers
        self.subpath = subpath
    }

    /// The canonical form: lower-case type, sorted qualifiers, everything percent-encoded but letters, digits and `.-_~:`.
    package var description: String {
        var out = "pkg:\(type)/"
        for segment in namespace { out += Self.encode(segment) + "/" }
        // Only a repository's path is a name with slashes.
        out +=
            type == "git"
            ? name.split(separator: "/").map { Self.encode(String($0)) }.joined(separator: "/") : Self.encode(name)
        if let version, !version.isEmpty { out += "@" + Self.encode(version) }
        let pairs = qualifiers.filter { !$0.value.isEmpty }.sorted {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
        }
        if !pairs.isEmpty { out += "?" + pairs.map { "\($0.key)=\(Self.encode($0.value))" }.joined(separator: "&") }
        if !subpath.isEmpty { out += "#" + subpath.map(Self.encode).joined(separator: "/") }
        return out
    }

    /// Reads a purl; nil for what the specification forbids.
    package init?(_ text: String) {
        guard text.utf8.count <= 8192, text.lowercased().hasPrefix("pkg:") else { return nil }
        var rest = text.dropFirst(4).drop { $0 == "/" }
        subpath = []
        if let hash = rest.lastIndex(of: "#") {
            for part in rest[rest.index(after: hash)...].split(separator: "/") where part != "." && part != ".." {
                guard let decoded = Self.decode(part) else { return nil }
                subpath.append(decoded)
            }
            rest = rest[..<hash]
        }
        qualifiers = [:]
        if let mark = rest.lastIndex(of: "?") {
            for pair in rest[rest.index(after: mark)...].split(separator: "&") {
                guard let equals = pair.firstIndex(of: "="), let value = Self.decode(pair[pair.index(after: equals)...])
                else { return nil }
                let key = pair[..<equals].lowercased()
                guard Self.isKey(key), qualifiers[key] == nil else { return nil }
                if !value.isEmpty { qualifiers[key] = value }
            }
            rest = rest[..<mark]
        }
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        type = rest[..<slash].lowercased()
        guard Self.isKey(type) else { return nil }
        rest = rest[rest.index(after: slash)...]
        while rest.hasSuffix("/") { rest.removeLast() }
        version = nil
        let lastSlash = rest.lastIndex(of: "/") ?? rest.startIndex
        if let at = rest[lastSlash...].lastIndex(of: "@") {
            guard let decoded = Self.decode(rest[rest.index(after: at)...]) else { return nil }
            version = decoded.isEmpty ? nil : decoded
            rest = rest[..<at]
            if rest.hasSuffix("/") { return nil }
        }
        var segments: [String] = []
        for part in rest.split(separator: "/") {
            guard let decoded = Self.decode(part) else { return nil }
            segments.append(decoded)
        }
        guard let last = segments.popLast(), !last.isEmpty else { return nil }
        name = last
        namespace = segments
        if type == "git", let host = namespace.first {
            name = (namespace.dropFirst() + [name]).joined(separator: "/")
            namespace = [host]
        }
        normalise()
        if problem != nil { return nil }
    }

    static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || ".-_".utf8.contains($0)
        }
    }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x2D, 0x5F, 0x7E, 0x3A: out.append(byte)
            default: out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func decode(_ text: Substring) -> String? {
        var out: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == 0x25 else {
                out.append(byte)
                continue
            }
            guard bytes.count >= 2, let value = UInt8(String(decoding: bytes.prefix(2), as: UTF8.self), radix: 16)
            else {
                return nil
            }
            out.append(value)
            bytes = bytes.dropFirst(2)
        }
        return String(validating: out, as: UTF8.self)
    }
}
