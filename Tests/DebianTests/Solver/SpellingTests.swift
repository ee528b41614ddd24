// SPDX-License-Identifier: Apache-2.0

import Resolver
import TestSupport
import Testing

struct SpellingTests {
    private func suggestions(for wanted: String, among names: [String], count: Int = 3) -> [String] {
        var spelling = Spelling(of: wanted)
        for name in names { Array(name.utf8).withUnsafeBufferPointer { spelling.offer($0) } }
        return spelling.suggestions(count)
    }

    @Test func findsSlips() {
        let names = ["libssl3", "libssl3t64", "openssl", "opensc", "curl", "nginx", "nginx-common"]
        #expect(suggestions(for: "openss", among: names) == ["opensc", "openssl"], "equally near")
        #expect(suggestions(for: "ngnix", among: names) == ["nginx"])
        #expect(suggestions(for: "libssl", among: names) == ["libssl3"])
        #expect(suggestions(for: "postgresql", among: names).isEmpty)
        #expect(suggestions(for: "x", among: ["y", "xy"]).isEmpty, "everything is near to one letter")
    }

    @Test func asksOnlyOfNearNamesWhetherTheyAreKnown() {
        var spelling = Spelling(of: "nginx")
        var asked: [String] = []
        for name in ["curl", "nginy", "nginz"] {
            Array(name.utf8).withUnsafeBufferPointer {
                spelling.offer(
                    $0,
                    isKnown: {
                        asked.append(name)
                        return name == "nginz"
                    }()
                )
            }
        }
        #expect(asked == ["nginy", "nginz"])
        #expect(spelling.suggestions() == ["nginz"])
    }

    /// Against Levenshtein's recurrence as it is defined, over words that are likely to be near each other.
    @Test func agreesWithTheDefinition() {
        func distance(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
            guard let x = a.first, let y = b.first else { return a.count + b.count }
            if x == y { return distance(a.dropFirst(), b.dropFirst()) }
            return 1
                + min(
                    distance(a.dropFirst(), b),
                    distance(a, b.dropFirst()),
                    distance(a.dropFirst(), b.dropFirst())
                )
        }
        var random = SplitMix(7)
        func word() -> String {
            String((0..<Int.random(in: 2...6, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
        }
        for _ in 0..<300 {
            let wanted = word()
            let names = (0..<20).map { _ in word() }
            let expected = names.map { (distance(Array(wanted.utf8)[...], Array($0.utf8)[...]), $0) }
                .filter { $0.0 <= 2 }.sorted { $0 < $1 }.map(\.1)
            #expect(suggestions(for: wanted, among: names, count: 20) == expected, "\(wanted) in \(names)")
        }
    }
}
