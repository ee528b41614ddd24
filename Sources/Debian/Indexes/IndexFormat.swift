// SPDX-License-Identifier: Apache-2.0

/// The binary form of one Packages file: what resolution needs of it, in tables that are used where they lie.
///
/// A file is a header of 32-bit little-endian words and the sections that it locates, each aligned to four bytes. It is
/// derived data: rebuilt from the Packages file whenever it is missing, and named in the store by that file's digest and
/// by `form`, so a change of layout is a change of name.
enum IndexFormat {
    /// Names this layout; change it with every change of the layout, the hash or the reading of stanzas.
    static let form = "debian-packages-1"
    static let magic: UInt32 = 0x3144_5042  // "BPD1"
    static let headerWords = 2 + 2 * Section.allCases.count

    /// A Packages file must not be larger; Debian's largest has 60 MB.
    static let packagesLimit = 1 << 30

    enum Section: Int, CaseIterable {
        /// Two words an entry: offset and length in `nameBytes`.
        case names
        case nameBytes
        /// Open addressing, a power of two: name + 1, or 0.
        case nameTable
        case versions
        case versionBytes
        /// `Stanza.words` words each, in the order of the file.
        case stanzas
        /// Three words each: target name, version + 1 or 0, operator.
        case alternatives
        /// Per stanza and kind a head word (kind << 24 | entries), then entries (alternative << 1 | 1 when `|` follows).
        case relations
        /// Per stanza: name, version + 1 or 0.
        case provides
        /// Per name, where its stanzas begin in `namedStanzas`; one more at the end.
        case namedStarts
        case namedStanzas
        /// Per name, where its providers begin in `providers` (two words each: stanza, provided version + 1 or 0).
        case providerStarts
        case providers
        /// Per name, where the stanzas of that source package begin in `sourceMembers`.
        case sourceStarts
        case sourceMembers
        /// Deb822 lines that only the lock and the evidence need.
        case details
    }

    enum StanzaWord: Int, CaseIterable {
        case name, version, flags, relations, relationWords, details, detailBytes, source, sourceVersion, provides
        case provideCount
    }

    enum Flag {
        static let essential: UInt32 = 1
        static let important: UInt32 = 2
        static let architectureAll: UInt32 = 4
        static let multiArchSame: UInt32 = 8
        static let multiArchForeign: UInt32 = 16
        static let multiArchAllowed: UInt32 = 32
        /// Three bits: 0 none, 1 required … 5 extra.
        static let priorityShift: UInt32 = 8
    }

    /// A 32-bit hash of a name (FNV-1a over bytes, with a final mix).
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        hash ^= hash >> 15
        hash = hash &* 0x85EB_CA6B
        return hash ^ (hash >> 13)
    }
}

/// How a package speaks of others, in the order in which apt reads the fields; the last four are weak.
enum RelationKind: UInt8, CaseIterable {
    case preDepends, depends, conflicts, breaks, recommends, suggests, replaces, enhances

    var isPositive: Bool { self == .preDepends || self == .depends }
    var isNegative: Bool { self == .conflicts || self == .breaks }
    /// Neither needed nor forbidden: no Recommends are installed, and the rest never makes a package be installed.
    var isWeak: Bool { rawValue >= RelationKind.recommends.rawValue }
}

/// `(op version)` of a relation (Debian Policy 7.1).
enum RelationOperator: UInt32 {
    case any, less, lessOrEqual, equal, greaterOrEqual, greater

    var text: String {
        switch self {
        case .any: ""
        case .less: "<<"
        case .lessOrEqual: "<="
        case .equal: "="
        case .greaterOrEqual: ">="
        case .greater: ">>"
        }
    }

    /// Whether a version that compares so with the wanted one will do.
    func accepts(_ order: Int) -> Bool {
        switch self {
        case .any: true
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .equal: order == 0
        case .greaterOrEqual: order >= 0
        case .greater: order > 0
        }
    }
}
