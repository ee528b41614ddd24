// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Verification

/// A verification report for people: a line for each finding, where findings that differ in a digest only share one.
///
/// What findings name is taken from the image, which is not to be believed yet: it reaches no terminal as it is.
enum VerificationRendering {
    static func text(_ report: VerificationReport, image: String) -> String {
        var out = "\(image)  \(report.digest)\n"
        let findings = report.findings.map { finding in
            Finding(
                PlainText.of(finding.subject),
                PlainText.of(finding.check),
                finding.outcome,
                PlainText.of(finding.detail, limit: 2_000)
            )
        }
        let subjects = findings.map(\.subject.count).max() ?? 0
        let checks = findings.map(\.check.count).max() ?? 0
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        for (finding, count) in grouped(findings) {
            let mark =
                switch finding.outcome {
                case .passed: "ok     "
                case .failed: "FAILED "
                case .skipped: "skipped"
                }
            out += "  \(mark)  \(pad(finding.subject, subjects))  \(pad(finding.check, checks))  \(finding.detail)"
            out += count > 1 ? " (\(count) times)\n" : "\n"
        }
        return out + conclusion(report)
    }

    private static func conclusion(_ report: VerificationReport) -> String {
        if report.isPassed {
            return "verified" + (report.level > 0 ? ", SLSA build level \(report.level) by this policy" : "") + "\n"
        }
        let failed = report.findings.count { $0.outcome == .failed }
        var text = "NOT verified: \(failed) of \(report.findings.count) checks failed\n"
        let isSigned = report.findings.contains { $0.check.hasPrefix("signature-") && $0.outcome == .passed }
        let isForeign = report.findings.contains { $0.check == "bundle" && $0.outcome == .skipped }
        if !isSigned, isForeign {
            text += "  the image is signed, but by nobody whom these keys or this policy name: is it the right key?\n"
        }
        return text
    }

    /// Findings that say the same but for a digest become one without it, at the place of the first.
    private static func grouped(_ findings: [Finding]) -> [(Finding, Int)] {
        var groups: [(finding: Finding, count: Int)] = []
        var places: [Finding: Int] = [:]
        for finding in findings {
            var general = finding
            general.detail = withoutDigests(finding.detail)
            if let place = places[general] {
                if groups[place].finding != finding { groups[place].finding = general }
                groups[place].count += 1
            } else {
                places[general] = groups.count
                groups.append((finding, 1))
            }
        }
        return groups
    }

    private static func withoutDigests(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("sha256:") && $0.utf8.count >= 71 ? "sha256:…" + $0.dropFirst(71) : $0 }
            .joined(separator: " ")
    }
}
