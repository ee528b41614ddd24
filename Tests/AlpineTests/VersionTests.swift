// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct VersionTests {
    @Test(
        "Each kind of part is ordered as apk-package(5) says",
        arguments: [
            "0.9", "1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre1", "1.0_rc1", "1.0", "1.0-r1", "1.0_cvs1",
            "1.0_svn1",
            "1.0_git20240101", "1.0_hg1", "1.0_p1", "1.0a", "1.0.1", "1.01", "1.1", "1.10", "2",
        ].enumerated().map { $0 }
    )
    func order(_ item: (Int, String)) {
        // "1.01" is read as a fraction: below "1.1", and by its text above "1.0.1" only where the part before decides.
        let all = [
            "0.9", "1.0_alpha", "1.0_alpha2", "1.0_beta", "1.0_pre1", "1.0_rc1", "1.0", "1.0-r1", "1.0_cvs1",
            "1.0_svn1",
            "1.0_git20240101", "1.0_hg1", "1.0_p1", "1.0a", "1.0.1", "1.01", "1.1", "1.10", "2",
        ]
        for (index, other) in all.enumerated() {
            let expected: Comparison = index < item.0 ? .greater : index > item.0 ? .less : .equal
            #expect(Version(item.1).compared(to: Version(other)) == expected, "\(item.1) and \(other)")
        }
    }

    @Test("A version that is a prefix matches fuzzily, and only so")
    func fuzzy() {
        #expect(Version("1.2.3").satisfies([.fuzzy, .equal], Version("1.2")))
        #expect(!Version("1.2.3").satisfies(.equal, Version("1.2")))
        #expect(!Version("1.20").satisfies([.fuzzy, .equal], Version("1.2")))
        #expect(Version("1.3").satisfies([.fuzzy, .equal, .greater], Version("1.2")))
    }

    @Test("apk's own table of versions", .enabled(if: Shared.exists, "\(Shared.reason)"))
    func apksTable() throws {
        let text = String(decoding: try Shared.bytes("oracle/apk-tools/version/version.data"), as: UTF8.self)
        var count = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let content = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            if content.isEmpty { continue }
            count += 1
            let words = content.split(separator: " ")
            if words.count == 3 {
                let isNegated = words[1].hasPrefix("!")
                let comparison = try #require(Comparison(words[1].drop { $0 == "!" }.utf8))
                let holds = Version(String(words[0])).satisfies(comparison, Version(String(words[2])))
                #expect(holds != isNegated, "\(content)")
            } else {
                let isInvalid = content.hasPrefix("!")
                #expect(Version(String(content.drop { $0 == "!" })).isValid != isInvalid, "\(content)")
            }
        }
        #expect(count > 750)
    }
}
