// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Testing
internal import Verification

@testable import Commands

@Suite("Verification reports for people")
struct VerificationRenderingTests {
    private func lines(_ findings: [Finding]) -> [String] {
        let report = VerificationReport(digest: .of([]), findings: findings, level: 0)
        return VerificationRendering.text(report, image: "out").split(separator: "\n").map(String.init)
    }

    private func digest(_ byte: UInt8) -> String { Digest.of([byte]).description }

    @Test func findingsThatDifferInADigestShareALine() {
        let lines = lines([
            Finding("index", "bundle", .skipped, "the bundle \(digest(1)) is by a stranger"),
            Finding("index", "signature-bundle", .passed, "signed"),
            Finding("index", "bundle", .skipped, "the bundle \(digest(2)) is by a stranger"),
            Finding("linux/amd64", "bundle", .skipped, "the bundle \(digest(3)) is by a stranger"),
        ])
        #expect(lines.count == 5)
        #expect(lines[1].hasSuffix("the bundle sha256:… is by a stranger (2 times)"))
        // What is there once keeps its digest.
        #expect(lines[3].hasSuffix("the bundle \(digest(3)) is by a stranger"))
        #expect(lines[4] == "verified")
    }

    @Test func whatFindingsQuoteCannotSteerATerminal() {
        let lines = lines([Finding("linux/\u{1B}[2J", "bundle\n", .failed, "by \u{202E}\u{9B}1Anobody\nverified")])
        #expect(lines.count == 3)
        #expect(lines[1] == "  FAILED   linux/\\x1b[2J  bundle\\x0a  by \\u202e\\x9b1Anobody\\x0averified")
    }

    @Test func everyFailureIsCountedAndAnotherKeyIsSuspected() {
        let lines = lines([
            Finding("index", "bundle", .skipped, "by a stranger"),
            Finding("index", "signature-bundle", .failed, "no signature \(digest(1))"),
            Finding("index", "signature-bundle", .failed, "no signature \(digest(2))"),
        ])
        #expect(lines[3] == "NOT verified: 2 of 3 checks failed")
        #expect(lines[4].contains("is it the right key?"))
    }
}
