// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// Reads the text of an APKINDEX: stanzas of `letter:value` lines, separated by empty lines.
///
/// Every entry is parsed in full. What apk does with an entry that it does not understand is done here too: an unknown
/// upper-case field or a broken dependency makes the package uninstallable, an unknown lower-case one is ignored.
package enum IndexReader {
    /// More packages than any distribution has; more is an attack or a mistake.
    package static let maximalEntries = 500_000
    /// apk reads lines of up to 128 KiB.
    static let maximalLine = 128 << 10

    /// - Throws: `malformed-index` with the line, where a stanza has no name, version or checksum, or a line no colon.
    package static func read(_ bytes: [UInt8], source: String) throws(AlpineError) -> [IndexEntry] {
        var entries: [IndexEntry] = []
        entries.reserveCapacity(bytes.count / 400)
        var stanza = Stanza()
        var line = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let end = newline(in: bytes, from: index)
            defer { index = end + 1 }
            line += 1
            let count = end - index
            if count > maximalLine {
                throw AlpineError(.malformedIndex, source, "line \(line) is longer than \(maximalLine) bytes")
            }
            if count < 2 {
                if let entry = try stanza.finish(source: source, line: line) { entries.append(entry) }
                if entries.count > maximalEntries {
                    throw AlpineError(.tooLarge, source, "it has more than \(maximalEntries) entries")
                }
                continue
            }
            guard bytes[index + 1] == UInt8(ascii: ":") else {
                throw AlpineError(.malformedIndex, source, "line \(line) is no 'letter:value'")
            }
            try stanza.add(bytes[index], bytes[(index + 2)..<end], source: source, line: line)
        }
        if let entry = try stanza.finish(source: source, line: line) { entries.append(entry) }
        return entries
    }

    /// The index of the next line's end.
    private static func newline(in bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { buffer in
            var at = start
            while at < buffer.count, buffer[at] != 0x0A { at += 1 }
            return at
        }
    }
}

/// The fields of one stanza while it is read.
struct Stanza {
    private var name: String?
    private var version: Version?
    private var checksum: Checksum?
    private var entry = IndexEntry(checksum: Stanza.noChecksum, name: "", version: Version(""))
    private var isEmpty = true

    private static let noChecksum = Checksum(.of([UInt8](), .sha1))

    /// Ends the stanza; nil when there was nothing.
    mutating func finish(source: String, line: Int) throws(AlpineError) -> IndexEntry? {
        defer { self = Stanza() }
        // As for apk, lines without a package are no entry.
        guard let name else { return nil }
        guard let version else {
            throw AlpineError(
                .malformedIndex,
                source,
                "the entry of '\(name)' that ends on line \(line) has no version"
            )
        }
        guard let checksum else {
            throw AlpineError(
                .malformedIndex,
                source,
                "the entry of '\(name)' that ends on line \(line) has no checksum"
            )
        }
        entry.name = name
        entry.version = version
        entry.checksum = checksum
        return entry
    }

    mutating func add(
        _ field: UInt8,
        _ value: ArraySlice<UInt8>,
        source: String,
        line: Int
    ) throws(AlpineError) {
        switch field {
        case UInt8(ascii: "P"): name = text(value)
        case UInt8(ascii: "V"): version = Version(value)
        case UInt8(ascii: "C"):
            guard let read = Checksum(value) else {
                throw AlpineError(.malformedIndex, source, "line \(line): '\(text(value))' is no checksum")
            }
            checksum = read
        case UInt8(ascii: "A"): entry.architecture = text(value)
        case UInt8(ascii: "S"): entry.size = try number(value, source, line)
        case UInt8(ascii: "I"): entry.installedSize = try number(value, source, line)
        case UInt8(ascii: "T"): entry.summary = text(value)
        case UInt8(ascii: "U"): entry.homepage = text(value)
        case UInt8(ascii: "L"): entry.licence = text(value)
        case UInt8(ascii: "o"): entry.origin = text(value)
        case UInt8(ascii: "m"): entry.maintainer = text(value)
        case UInt8(ascii: "t"): entry.buildTime = try number(value, source, line)
        case UInt8(ascii: "c"): entry.commit = text(value)
        case UInt8(ascii: "k"): entry.priority = try number(value, source, line)
        case UInt8(ascii: "D"):
            if let problem = Self.dependencies(value, into: &entry.depends) {
                entry.defects.append("depends: \(problem)")
            }
        case UInt8(ascii: "p"):
            _ = Self.dependencies(value, into: &entry.provides)
        case UInt8(ascii: "i"):
            // Half a condition is none: apk forgets the rule then.
            if Self.dependencies(value, into: &entry.installIf) != nil { entry.installIf = [] }
        case 0x41...0x5A:
            // The installed database's own letters; elsewhere an upper-case field is one that must be understood.
            if !"FMRZ".utf8.contains(field) { entry.defects.append("it has the unknown field '\(text([field]))'") }
        default: break
        }
    }

    private func text(_ value: some Collection<UInt8>) -> String { String(decoding: value, as: UTF8.self) }

    private func number(_ value: ArraySlice<UInt8>, _ source: String, _ line: Int) throws(AlpineError) -> Int {
        guard let number = Int(text(value)), number >= 0 else {
            throw AlpineError(.malformedIndex, source, "line \(line): '\(text(value))' is no number")
        }
        return number
    }

    /// Reads dependencies separated by blanks; gives what is wrong with the first bad one. As for apk, reading ends at one
    /// that has no form at all, and goes on after one whose version is none.
    static func dependencies(_ value: ArraySlice<UInt8>, into list: inout [Dependency]) -> String? {
        var problem: String?
        var index = value.startIndex
        while index < value.endIndex {
            var end = index
            while end < value.endIndex, value[end] != 0x20, value[end] != 0x0A { end += 1 }
            let word = value[index..<end]
            index = end
            while index < value.endIndex, value[index] == 0x20 || value[index] == 0x0A { index += 1 }
            guard let dependency = Dependency(parsing: word) else {
                return "'\(String(decoding: word, as: UTF8.self))' is no dependency"
            }
            if dependency.isBroken { problem = problem ?? "'\(dependency)' has no version" }
            list.append(dependency)
        }
        return problem
    }
}
