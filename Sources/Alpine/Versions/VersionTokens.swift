// SPDX-License-Identifier: Apache-2.0

/// The parts of a version, one after the other.
struct VersionTokens {
    /// What a part is. The order matters: of two versions that are equal so far, the one whose next part comes *earlier*
    /// here is the newer one (1.2.1 is newer than 1.2a, which is newer than 1.2_p1, 1.2-r1 and 1.2).
    enum Kind: UInt8, Comparable {
        case firstNumber, number, letter, suffix, suffixNumber, commit, revision, end, invalid
        static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }

    struct Token {
        var kind: Kind
        var text: ArraySlice<UInt8> = []
        var number: UInt64 = 0
        /// Rank of a suffix; below `releaseRank` it stands before the release.
        var rank = 0

        var isBeforeRelease: Bool { rank < VersionTokens.releaseRank }

        func compared(to other: Token) -> Comparison {
            func order<T: Comparable>(_ a: T, _ b: T) -> Comparison { a < b ? .less : a > b ? .greater : .equal }
            switch kind {
            case .number where text.first == 0x30 || other.text.first == 0x30:
                // A leading zero makes it a fraction: compared as text, as Gentoo's specification has it.
                return orderText(other)
            case .firstNumber, .number, .suffixNumber, .revision: return order(number, other.number)
            case .suffix: return order(rank, other.rank)
            case .letter, .commit, .end, .invalid: return orderText(other)
            }
        }

        private func orderText(_ other: Token) -> Comparison {
            if text.elementsEqual(other.text) { return .equal }
            return text.lexicographicallyPrecedes(other.text) ? .less : .greater
        }
    }

    static let releaseRank = 4
    /// Suffixes in their order; the release itself stands between `rc` and `cvs`.
    private static let ranks: [[UInt8]: Int] = [
        Array("alpha".utf8): 0, Array("beta".utf8): 1, Array("pre".utf8): 2, Array("rc".utf8): 3,
        Array("cvs".utf8): 5, Array("svn".utf8): 6, Array("git".utf8): 7, Array("hg".utf8): 8, Array("p".utf8): 9,
    ]

    private let bytes: [UInt8]
    private var index = 0
    private(set) var current: Token

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.current = Token(kind: .firstNumber)
        readNumber()
    }

    mutating func advance() {
        guard index < bytes.count else {
            current = Token(kind: .end)
            return
        }
        let previous = current.kind
        let byte = bytes[index]
        switch byte {
        case 0x61...0x7A where previous <= .number:
            current = Token(kind: .letter, text: bytes[index...index])
            index += 1
        case UInt8(ascii: ".") where previous <= .number:
            index += 1
            current = Token(kind: .number)
            readNumber()
        case 0x30...0x39 where previous <= .number:
            current = Token(kind: .number)
            readNumber()
        case 0x30...0x39 where previous == .suffix:
            current = Token(kind: .suffixNumber)
            readNumber()
        case UInt8(ascii: "_") where previous <= .suffixNumber:
            index += 1
            let text = take { (0x61...0x7A).contains($0) }
            guard let rank = Self.ranks[Array(text)] else { return fail() }
            current = Token(kind: .suffix, text: text, rank: rank)
        case UInt8(ascii: "~") where previous < .commit:
            index += 1
            let text = take { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            if text.isEmpty { return fail() }
            current = Token(kind: .commit, text: text)
        case UInt8(ascii: "-") where previous < .revision && index + 1 < bytes.count && bytes[index + 1] == 0x72:
            index += 2
            current = Token(kind: .revision)
            readNumber()
        default:
            fail()
        }
    }

    private mutating func fail() { current = Token(kind: .invalid) }

    private mutating func take(while belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, belongs(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    private mutating func readNumber() {
        let text = take { (0x30...0x39).contains($0) }
        if text.isEmpty { return fail() }
        current.text = text
        // More than twenty digits wrap, as they do for apk; the order stays total.
        current.number = text.reduce(0) { $0 &* 10 &+ UInt64($1 - 0x30) }
    }
}
