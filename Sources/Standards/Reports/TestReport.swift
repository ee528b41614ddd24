// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
package import Cryptography

/// The result of one check or test on one platform.
package struct TestResult: Hashable, Sendable {
    package enum Suite: String, Sendable {
        /// Rules for every image.
        case standards
        /// The definition's own tests, run in a container.
        case functional
    }
    package enum Outcome: String, Sendable {
        case passed, failed, skipped
        /// Failed, and the configuration acknowledges it.
        case warned
    }

    package var suite: Suite
    /// `linux/amd64`.
    package var platform: String
    package var name: String
    package var outcome: Outcome
    /// What was found, or why it was not asked.
    package var detail: String
    /// What a program printed, shortened.
    package var output: String?
    /// In milliseconds.
    package var duration: Int

    package init(
        suite: Suite,
        platform: String,
        name: String,
        outcome: Outcome,
        detail: String,
        output: String? = nil,
        duration: Int = 0
    ) {
        self.suite = suite
        self.platform = platform
        self.name = name
        self.outcome = outcome
        self.detail = detail
        self.output = output
        self.duration = duration
    }

    /// Unique within a report.
    package var identifier: String { "\(suite.rawValue)/\(platform)/\(name)" }

    package var json: JSON {
        .members([
            ("suite", .string(suite.rawValue)), ("platform", .string(platform)), ("name", .string(name)),
            ("outcome", .string(outcome.rawValue)), ("detail", .string(detail)), ("output", output.map { .string($0) }),
            ("durationMilliseconds", .integer(duration)),
        ])
    }
}

/// All results about one image.
package struct TestReport: Hashable, Sendable {
    /// Of the image that was tested: its index, or its one manifest.
    package var digest: Digest
    package var results: [TestResult]
    /// The version of the program.
    package var toolVersion: String
    /// Milliseconds since the epoch.
    package var started: Int
    package var finished: Int
    /// Whether the times are the image's own and not the clock's, so that a repetition gives the same bytes.
    package var isNormalised: Bool

    package init(
        digest: Digest,
        results: [TestResult],
        toolVersion: String,
        started: Int,
        finished: Int,
        isNormalised: Bool
    ) {
        self.digest = digest
        self.results = results
        self.toolVersion = toolVersion
        self.started = started
        self.finished = finished
        self.isNormalised = isNormalised
    }

    package func count(_ outcome: TestResult.Outcome) -> Int { results.count { $0.outcome == outcome } }

    /// Whether nothing failed that nobody acknowledges.
    package var isPassed: Bool { count(.failed) == 0 && !results.isEmpty }

    /// The form of `--format json`.
    package var json: JSON {
        .object([
            ("digest", .string(digest.description)), ("passed", .bool(isPassed)),
            (
                "summary",
                .object(
                    [TestResult.Outcome.passed, .warned, .failed, .skipped].map { ($0.rawValue, .integer(count($0))) }
                )
            ),
            ("results", .array(results.map(\.json))),
        ])
    }
}
