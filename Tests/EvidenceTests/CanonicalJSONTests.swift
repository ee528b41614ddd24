// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Foundation
internal import TestSupport
internal import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    /// RFC 8785 section 3.2.3: the names of its sample, in the order that it gives.
    @Test func sortsByCodeUnits() {
        let sorted = ["\r", "1", "\u{80}", "\u{F6}", "\u{20AC}", "\u{1F600}", "\u{FB33}"]
        let shuffled = JSON.object(sorted.reversed().map { ($0, true) })
        let members = (try? JSON(parsing: shuffled.canonical))?.members ?? []
        #expect(members.map(\.0) == sorted)
    }

    /// RFC 8785 section 3.2.2.2.
    @Test func escapesWhatHasToBeEscapedAndNothingElse() {
        let text = JSON.string("\u{20AC}$\u{F}\nA'B\"\\\\\"/\u{8}\t\u{C}\r\u{7F}")
        #expect(text.canonical == Array("\"\u{20AC}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\t\\f\\r\u{7F}\"".utf8))
        #expect(JSON.string("").canonical == Array("\"\"".utf8))
    }

    /// A value of two bytes of text takes many times as many in memory.
    @Test func boundsTheNumberOfValues() throws {
        let text = Array("[0,[1,{\"a\":2}],3]".utf8)
        #expect(try JSON(parsing: text, values: 7).elements?.count == 3)
        #expect(throws: JSONError.self) { try JSON(parsing: text, values: 6) }
    }

    /// The order is that of UTF-16 whatever the names: every pair of some that differ late, early and in length.
    @Test func ordersLikeUTF16() {
        let pieces = [
            "", "a", "ab", "\u{7F}", "\u{80}", "\u{7FF}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
        ]
        let names = pieces.flatMap { first in pieces.map { first + $0 } }
        for a in names {
            for b in names {
                #expect(JSON.precedes(a, b) == a.utf16.lexicographicallyPrecedes(b.utf16))
            }
        }
    }

    /// RFC 8785 appendix B: IEEE 754 bits and the text that stands for them.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)]
    )
    func writesNumbersAsECMAScriptDoes(bits: UInt64, text: String) throws {
        let value = Double(bitPattern: bits)
        #expect(String(decoding: JSON.number(value).canonical, as: UTF8.self) == text)
        #expect(try JSON(parsing: text).canonical == Array(text.utf8))
    }

    @Test func keepsAllDigitsOfWholeNumbersOf64Bits() throws {
        for text in ["9223372036854775807", "-9223372036854775808", "9007199254740993"] {
            #expect(try JSON(parsing: text).canonical == Array(text.utf8))
        }
        #expect(try JSON(parsing: "1E3") == .integer(1000))
        #expect(try JSON(parsing: "9.80") == .number(9.8))
    }

    /// RFC 8259 section 6; the last ones are numbers that no double stands for.
    @Test(arguments: [
        "01", "-01", "01.5", "1.", ".5", "1e", "1e+", "+1", "--1", "1-2", "0x10", "-", "NaN", "1e400", "-1e999",
    ])
    func refusesWhatIsNoNumber(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(.enabled(if: Shared.exists, Comment(rawValue: Shared.reason)))
    func agreesWithTheVectorsOfTheCanonicalizationProject() throws {
        let folder = "oracle/json-canonicalization/testdata"
        let names = try FileManager.default.contentsOfDirectory(atPath: Shared.path(folder + "/input"))
        #expect(!names.isEmpty)
        for name in names {
            var expected = try Shared.bytes("\(folder)/output/\(name)")
            if expected.last == 0x0A { expected.removeLast() }
            #expect(try JSON(parsing: Shared.bytes("\(folder)/input/\(name)")).canonical == expected, "\(name)")
        }
    }
}
