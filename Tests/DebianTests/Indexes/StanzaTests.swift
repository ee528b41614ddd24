// SPDX-License-Identifier: Apache-2.0

import Debian
import Testing

@Suite("Control files")
struct StanzaTests {
    @Test func areReadAsPolicySays() throws {
        let text =
            "Package: a\nDescription: short\n long\n .\n more\nEmpty:\n# a comment\nDEPENDS: x,\n y\n\n\nPackage: b\r\n"
        let stanzas = try Stanza.parse(Array(text.utf8), name: "control")
        #expect(stanzas.count == 2)
        #expect(stanzas[0]["description"] == "short\nlong\n.\nmore")
        #expect(stanzas[0]["Empty"] == "")
        #expect(stanzas[0]["Depends"] == "x,\ny")
        #expect(stanzas[0].fields.map(\.name) == ["Package", "Description", "Empty", "DEPENDS"])
        #expect(stanzas[1]["Package"] == "b")
        #expect(stanzas[0]["Absent"] == nil)
        #expect(stanzas[0].words("Depends") == ["x,", "y"])
    }

    @Test(
        "with broken lines are refused, naming the line",
        arguments: [(" leading\n", ":1:"), ("A: b\nnonsense\n", ":2:"), (": x\n", ":1:")]
    )
    func broken(_ text: String, _ place: String) {
        let error = #expect(throws: DebianError.self) { try Stanza.parse(Array(text.utf8), name: "control") }
        #expect(error?.code == "malformed-control")
        #expect(error?.message.contains(place) == true)
    }

    /// The expected seconds come from `date -u -d … +%s`.
    @Test(
        "dates are read",
        arguments: [
            ("Sat, 12 Sep 2026 07:55:41 UTC", 1_789_199_741), ("Thu, 01 Jan 1970 00:00:00 UTC", 0),
            ("29 Feb 2024 23:59:59 +0000", 1_709_251_199),
            ("Tue,  3 Mar 2026 03:04:05 GMT", 1_772_507_045),
        ]
    )
    func date(_ text: String, _ seconds: Int) {
        #expect(ReleaseTime.seconds(text) == seconds)
    }

    @Test func datesThatAreNoneAreRefused() {
        for text in [
            "", "yesterday", "Sat, 12 Sep 2026 07:55:41 CEST", "Sat, 12 Sep 2026 25:55:41 UTC",
            "12 Sept 2026 07:55:41 UTC",
        ] {
            #expect(ReleaseTime.seconds(text) == nil, "\(text)")
        }
        #expect(ReleaseTime.text(1_789_199_741) == "2026-09-12 07:55:41 UTC")
        #expect(ReleaseTime.text(1_709_251_199) == "2024-02-29 23:59:59 UTC")
    }
}
