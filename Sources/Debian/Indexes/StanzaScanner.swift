// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Walks through the stanzas of a Packages file and notes where the fields of interest lie.
struct StanzaScanner {
    enum Field: Int, CaseIterable {
        case package, version, source, architecture, essential, important, protected, multiArch, priority
        case preDepends, depends, conflicts, breaks, recommends, suggests, replaces, enhances, provides
        case filename, size, installedSize, sha256, maintainer, homepage, description

        fileprivate var name: String {
            switch self {
            case .multiArch: "multi-arch"
            case .preDepends: "pre-depends"
            case .installedSize: "installed-size"
            default: "\(self)".lowercased()
            }
        }

        /// Fields that the details keep, first line only.
        var isDetail: Bool {
            switch self {
            case .source, .architecture, .filename, .size, .installedSize, .sha256, .maintainer, .homepage,
                .description:
                true
            default: false
            }
        }
    }

    /// Lower-case names by their length.
    private static let byLength: [[(field: Field, name: [UInt8])]] = {
        var table = [[(field: Field, name: [UInt8])]](repeating: [], count: 16)
        for field in Field.allCases {
            let name = Array(field.name.utf8)
            table[name.count].append((field, name))
        }
        return table
    }()

    private let text: UnsafeBufferPointer<UInt8>
    private let names = StanzaScanner.byLength
    private(set) var position = 0
    /// Of the current stanza, by field: the value's bytes; empty where the field is absent.
    private(set) var values: [Range<Int>]
    /// Whole first lines of detail fields, in the order of the file.
    private(set) var details: [Range<Int>] = []

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        values = [Range<Int>](repeating: 0..<0, count: Field.allCases.count)
    }

    subscript(field: Field) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[values[field.rawValue]])
    }

    /// Moves to the next stanza; false at the end of the file.
    mutating func next() -> Bool {
        for index in values.indices { values[index] = 0..<0 }
        details.removeAll(keepingCapacity: true)
        guard let base = text.baseAddress else { return false }
        var isInside = false
        while position < text.count {
            let end = endOfLine(from: position)
            let line = position..<end
            position = min(end + 1, text.count)
            if isBlank(line) {
                if isInside { return true }
                continue
            }
            isInside = true
            guard let colon = memchr(base + line.lowerBound, 0x3A, line.count) else { continue }
            let nameLength = UnsafeRawPointer(colon) - UnsafeRawPointer(base + line.lowerBound)
            let found = field(at: line.lowerBound, length: nameLength)
            var valueEnd = end
            // A value goes on over the lines that begin with a blank.
            while position < text.count, text[position] == 0x20 || text[position] == 0x09 {
                valueEnd = endOfLine(from: position)
                position = min(valueEnd + 1, text.count)
            }
            guard let found else { continue }
            if found.isDetail { details.append(line) }
            var start = line.lowerBound + nameLength + 1
            let last = found == .description ? end : valueEnd
            while start < last, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
            var stop = last
            while stop > start, text[stop - 1] == 0x20 || text[stop - 1] == 0x0D || text[stop - 1] == 0x09 { stop -= 1 }
            values[found.rawValue] = start..<stop
        }
        return isInside
    }

    private func endOfLine(from start: Int) -> Int {
        guard let base = text.baseAddress, let found = memchr(base + start, 0x0A, text.count - start) else {
            return text.count
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private func isBlank(_ line: Range<Int>) -> Bool {
        for index in line where text[index] != 0x20 && text[index] != 0x09 && text[index] != 0x0D { return false }
        return true
    }

    private func field(at start: Int, length: Int) -> Field? {
        guard length < names.count else { return nil }
        candidates: for candidate in names[length] {
            for index in 0..<length
            where text[start + index] | (candidate.name[index] == 0x2D ? 0 : 0x20) != candidate.name[index] {
                continue candidates
            }
            return candidate.field
        }
        return nil
    }
}
