// SPDX-License-Identifier: Apache-2.0

/// A path inside an image: bytes, relative to the root, normalised.
///
/// Bytes and not `String`, because file names are bytes: two names that Unicode calls equal are two files, and a name that
/// is not UTF-8 is still a name. There is no leading or trailing slash, no empty component, no `.` and no `..`; the root
/// itself is the empty path. Order is by bytes, which puts a directory before what it holds.
package struct TreePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// The root of the tree.
    package static let root = TreePath(unchecked: [])

    package init(unchecked bytes: [UInt8]) { self.bytes = bytes }

    /// Normalises a path as it stands in an archive or a definition (`./usr//bin/`, `/usr/bin`).
    ///
    /// - Throws: `TreeError.unsafePath` for a `..` component, a NUL byte, a component over 255 bytes or a path over 4,095:
    ///   what could climb out of the tree, or could not be unpacked on Linux (`NAME_MAX`, `PATH_MAX`).
    package init(_ raw: some Sequence<UInt8>) throws(TreeError) {
        var out: [UInt8] = []
        var component: [UInt8] = []
        func fail(_ reason: String) -> TreeError {
            TreeError(.unsafePath, path: String(decoding: Array(raw), as: UTF8.self), detail: reason)
        }
        func close() throws(TreeError) {
            defer { component.removeAll(keepingCapacity: true) }
            if component.isEmpty || component == [0x2E] { return }
            if component == [0x2E, 0x2E] { throw fail("it has a '..' component") }
            if component.count > 255 { throw fail("a component is longer than 255 bytes") }
            if !out.isEmpty { out.append(0x2F) }
            out.append(contentsOf: component)
        }
        for byte in raw {
            if byte == 0 { throw fail("it has a NUL byte") }
            if byte == 0x2F { try close() } else { component.append(byte) }
        }
        try close()
        if out.count > 4095 { throw fail("it is longer than 4095 bytes") }
        self.bytes = out
    }

    package init(_ text: String) throws(TreeError) { try self.init(text.utf8) }

    /// The path as text; bytes that are not UTF-8 become U+FFFD, so use it for people only.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
    package var isRoot: Bool { bytes.isEmpty }

    package var components: [ArraySlice<UInt8>] { bytes.split(separator: 0x2F) }

    /// The last component; empty for the root.
    package var name: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: 0x2F) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// The directory that holds this path; nil for the root.
    package var parent: TreePath? {
        if bytes.isEmpty { return nil }
        guard let slash = bytes.lastIndex(of: 0x2F) else { return .root }
        return TreePath(unchecked: Array(bytes[..<slash]))
    }

    /// Every directory above this path, the root excluded, outermost first.
    package var ancestors: [TreePath] {
        var out: [TreePath] = []
        for (index, byte) in bytes.enumerated() where byte == 0x2F {
            out.append(TreePath(unchecked: Array(bytes[..<index])))
        }
        return out
    }

    /// Appends a name or a relative path that is known to be clean.
    package func appending(_ name: some StringProtocol) -> TreePath { appending(Array(name.utf8)) }
    package func appending(_ name: some Collection<UInt8>) -> TreePath {
        bytes.isEmpty ? TreePath(unchecked: Array(name)) : TreePath(unchecked: bytes + [0x2F] + name)
    }

    /// Whether this path is `other` or lies below it.
    package func isWithin(_ other: TreePath) -> Bool {
        if other.isRoot { return true }
        guard bytes.starts(with: other.bytes) else { return false }
        return bytes.count == other.bytes.count || bytes[other.bytes.count] == 0x2F
    }

    /// This path with the prefix `old` replaced by `new`; nil when it is not within `old`.
    package func rebased(from old: TreePath, to new: TreePath) -> TreePath? {
        guard isWithin(old) else { return nil }
        let rest = bytes.dropFirst(old.bytes.count)
        if new.isRoot { return TreePath(unchecked: Array(rest.drop { $0 == 0x2F })) }
        return TreePath(unchecked: new.bytes + rest)
    }

    package static func < (a: TreePath, b: TreePath) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}

extension TreePath: ExpressibleByStringLiteral {
    /// For paths that stand in the source; a mistake is a programmer's.
    package init(stringLiteral value: StaticString) {
        let bytes = value.withUTF8Buffer { Array($0) }
        precondition(bytes.first != 0x2F && bytes.last != 0x2F, "a literal path is relative and has no trailing slash")
        self.init(unchecked: bytes)
    }
}
