// SPDX-License-Identifier: Apache-2.0

/// The file `/etc/ld.so.cache` in glibc's new format (sysdeps/generic/dl-cache.h: magic `glibc-ld.so.cache1.1`).
package struct LoaderCache: Sendable {
    /// A library that the loader can find.
    package struct Entry: Hashable, Sendable {
        package var soname: String
        package var path: String
        /// The subdirectory of `glibc-hwcaps` that it stands in, such as `x86-64-v3`.
        package var hwcaps: String?
        package init(soname: String, path: String, hwcaps: String? = nil) {
            self.soname = soname
            self.path = path
            self.hwcaps = hwcaps
        }
    }

    /// In the order in which directories were searched; writing sorts them and keeps that order among equals.
    package var entries: [Entry]
    /// FLAG_ELF_LIBC6 with the architecture's bits: 0x0303 on x86-64, 0x0a03 on AArch64.
    package var flags: UInt32
    /// What `ldconfig --version` prints first, without the last newline.
    package var generator: String

    package init(entries: [Entry], flags: UInt32, generator: String) {
        self.entries = entries
        self.flags = flags
        self.generator = generator
    }

    package var bytes: [UInt8] {
        let sorted = entries.enumerated().sorted { a, b in
            let order = Self.compare(Array(b.element.soname.utf8), Array(a.element.soname.utf8))
            if order != 0 { return order < 0 }
            switch (a.element.hwcaps, b.element.hwcaps) {
            case (nil, nil): break
            case (nil, _): return false
            case (_, nil): return true
            case (let x?, let y?) where x != y: return x.utf8.lexicographicallyPrecedes(y.utf8)
            default: break
            }
            return a.offset < b.offset
        }.map(\.element)
        var subdirectories: [String] = []
        for name in sorted.compactMap(\.hwcaps) where !subdirectories.contains(name) { subdirectories.append(name) }
        subdirectories.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }

        let table = StringTable(sorted.flatMap { [$0.soname, $0.path] } + subdirectories)
        let base = 48 + 24 * sorted.count
        let extensionOffset = (base + table.bytes.count + 3) & ~3
        var out: [UInt8] = Array("glibc-ld.so.cache1.1".utf8)
        out.appendWord(UInt32(sorted.count))
        out.appendWord(UInt32(table.bytes.count))
        // Little endian, then three bytes of padding.
        out += [2, 0, 0, 0]
        out.appendWord(UInt32(extensionOffset))
        out += [UInt8](repeating: 0, count: 12)
        for entry in sorted {
            out.appendWord(flags)
            out.appendWord(UInt32(base + (table.offsets[entry.soname] ?? 0)))
            out.appendWord(UInt32(base + (table.offsets[entry.path] ?? 0)))
            out.appendWord(UInt32(0))
            // DL_CACHE_HWCAP_EXTENSION in bit 62, the index of the subdirectory in the low half.
            let index = entry.hwcaps.flatMap(subdirectories.firstIndex)
            out.appendWord(UInt32(index ?? 0))
            out.appendWord(UInt32(index == nil ? 0 : 1 << 30))
        }
        out += table.bytes
        out += [UInt8](repeating: 0, count: extensionOffset - out.count)
        out += extensions(at: extensionOffset, subdirectories.map { UInt32(base + (table.offsets[$0] ?? 0)) })
        return out
    }

    /// The extension directory: the generator's name, and where the hwcaps subdirectories' names are.
    private func extensions(at offset: Int, _ subdirectories: [UInt32]) -> [UInt8] {
        let text = Array(generator.utf8)
        var out: [UInt8] = []
        // cache_extension_magic
        out.appendWord(UInt32(0xEAA4_2174))
        out.appendWord(UInt32(subdirectories.isEmpty ? 1 : 2))
        let data = offset + 8 + 16 * (subdirectories.isEmpty ? 1 : 2)
        func section(_ tag: UInt32, _ offset: Int, _ size: Int) -> [UInt8] {
            var out: [UInt8] = []
            out.appendWord(tag)
            out.appendWord(UInt32(0))
            out.appendWord(UInt32(offset))
            out.appendWord(UInt32(size))
            return out
        }
        if subdirectories.isEmpty {
            return out + section(0, data, text.count) + text
        }
        let size = 4 * subdirectories.count
        out += section(0, data + size, text.count)
        out += section(1, data, size)
        for subdirectory in subdirectories { out.appendWord(subdirectory) }
        return out + text
    }

    /// glibc's `_dl_cache_libcmp`: digits compare as numbers, and come after anything else.
    package static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        var i = 0
        var j = 0
        while i < a.count {
            if isDigit(a[i]) {
                guard j < b.count, isDigit(b[j]) else { return 1 }
                func number(_ bytes: [UInt8], _ index: inout Int) -> Int {
                    var value = 0
                    while index < bytes.count, isDigit(bytes[index]) {
                        // Wraps where glibc's int would; no library has such a number.
                        value = value &* 10 &+ Int(bytes[index] - 0x30)
                        index += 1
                    }
                    return value
                }
                let x = number(a, &i)
                let y = number(b, &j)
                if x != y { return x < y ? -1 : 1 }
            } else if j < b.count, isDigit(b[j]) {
                return -1
            } else {
                guard j < b.count else { return Int(a[i]) }
                if a[i] != b[j] { return Int(a[i]) - Int(b[j]) }
                i += 1
                j += 1
            }
        }
        return j < b.count ? -Int(b[j]) : 0
    }
}

/// glibc's string table (elf/stringtable.c): suffixes shared, strings sorted by their reverse, descending.
private struct StringTable {
    private(set) var bytes: [UInt8] = []
    private(set) var offsets: [String: Int] = [:]

    init(_ strings: [String]) {
        let reversed = Set(strings).map { (text: $0, key: Array($0.utf8.reversed())) }
            // Longer first where one is the other's suffix.
            .sorted { $1.key.lexicographicallyPrecedes($0.key) }
        var previous: (key: [UInt8], offset: Int)?
        for (text, key) in reversed {
            if let last = previous, last.key.starts(with: key) {
                let offset = last.offset + last.key.count - key.count
                offsets[text] = offset
                previous = (key, offset)
            } else {
                let offset = bytes.count
                bytes += key.reversed()
                bytes.append(0)
                offsets[text] = offset
                previous = (key, offset)
            }
        }
    }
}

extension [UInt8] {
    /// Appends a little-endian word.
    fileprivate mutating func appendWord(_ value: UInt32) {
        append(UInt8(truncatingIfNeeded: value))
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value >> 16))
        append(UInt8(truncatingIfNeeded: value >> 24))
    }
}
