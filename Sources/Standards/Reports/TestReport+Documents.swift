// SPDX-License-Identifier: Apache-2.0

package import Attestations
package import CanonicalJSON
internal import Cryptography

extension TestReport {
    /// A document of the Common Test Report Format, 1.0.0.
    package var ctrf: JSON {
        let tests = results.map { result -> JSON in
            .members([
                ("name", .string(result.name)),
                // CTRF knows no warning: what failed and is acknowledged is neither passed nor failed.
                ("status", .string(result.outcome == .warned ? "other" : result.outcome.rawValue)),
                ("rawStatus", .string(result.outcome.rawValue)), ("duration", .integer(result.duration)),
                ("suite", .strings([result.suite.rawValue, result.platform])), ("message", .string(result.detail)),
                ("stdout", result.output.map { .strings($0.split(separator: "\n").map(String.init)) }),
            ])
        }
        return .object([
            ("reportFormat", "CTRF"), ("specVersion", "1.0.0"),
            (
                "extra",
                .object([("image", .string(digest.description)), ("timesAreNormalised", .bool(isNormalised))])
            ),
            (
                "results",
                .object([
                    ("tool", .object([("name", "basalt"), ("version", .string(toolVersion))])),
                    (
                        "summary",
                        .object([
                            ("tests", .integer(results.count)), ("passed", .integer(count(.passed))),
                            ("failed", .integer(count(.failed))), ("skipped", .integer(count(.skipped))),
                            ("pending", 0), ("other", .integer(count(.warned))), ("start", .integer(started)),
                            ("stop", .integer(finished)),
                        ])
                    ),
                    ("tests", .array(tests)),
                ])
            ),
        ])
    }

    /// The predicate `https://in-toto.io/attestation/test-result/v0.1` (in-toto attestation spec/predicates/test-result.md).
    ///
    /// - Parameter configuration: what the tests were taken from, beside the rules for every image.
    package func predicate(namespace: Namespace, configuration: [ResourceDescriptor]) -> JSON {
        func names(_ outcome: TestResult.Outcome) -> JSON {
            .strings(results.filter { $0.outcome == outcome }.map(\.identifier))
        }
        let result = isPassed ? (count(.warned) > 0 ? "WARNED" : "PASSED") : "FAILED"
        let rules = ResourceDescriptor(
            name: "standards",
            uri: namespace.standards,
            annotations: ["basalt": toolVersion]
        )
        return .object([
            ("result", .string(result)), ("configuration", .array(([rules] + configuration).map(\.json))),
            ("passedTests", names(.passed)), ("warnedTests", names(.warned)), ("failedTests", names(.failed)),
        ])
    }

    /// JUnit's XML as most readers know it: a suite for each platform and kind of test.
    package var junit: String {
        var groups: [(name: String, results: [TestResult])] = []
        for result in results {
            let name = "\(result.suite.rawValue) \(result.platform)"
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].results.append(result)
            } else {
                groups.append((name, [result]))
            }
        }
        func attributes(_ results: [TestResult]) -> String {
            func count(_ outcome: TestResult.Outcome) -> Int { results.count { $0.outcome == outcome } }
            let time = Self.seconds(results.reduce(0) { $0 + $1.duration })
            return
                "tests=\"\(results.count)\" failures=\"\(count(.failed))\" errors=\"0\" skipped=\"\(count(.skipped))\""
                + " time=\"\(time)\""
        }
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        out += "<testsuites name=\"\(Self.escaped(digest.description))\" \(attributes(results))>\n"
        for group in groups {
            out += "  <testsuite name=\"\(Self.escaped(group.name))\" \(attributes(group.results))>\n"
            for result in group.results {
                out += "    <testcase name=\"\(Self.escaped(result.name))\""
                out += " classname=\"\(Self.escaped(result.suite.rawValue)).\(Self.escaped(result.platform))\""
                out += " time=\"\(Self.seconds(result.duration))\">\n"
                let detail = Self.escaped(result.detail)
                switch result.outcome {
                case .failed: out += "      <failure message=\"\(detail)\"/>\n"
                case .skipped: out += "      <skipped message=\"\(detail)\"/>\n"
                case .warned: out += "      <system-err>acknowledged: \(detail)</system-err>\n"
                case .passed: break
                }
                if let output = result.output { out += "      <system-out>\(Self.escaped(output))</system-out>\n" }
                out += "    </testcase>\n"
            }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// Text as XML 1.0 allows it: what it forbids even as a reference becomes U+FFFD.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n": out += "&#10;"
            case "\t": out += "&#9;"
            default:
                let isAllowed = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                out.unicodeScalars.append(isAllowed ? scalar : "\u{FFFD}")
            }
        }
        return out
    }
}
