// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import OCI

/// What one check found.
package enum CheckOutcome: Hashable, Sendable {
    case passed(String)
    case failed(String)
    /// Not asked, and why.
    case skipped(String)
    /// It could not be carried out, which counts as a failure.
    case unanswered(String)

    package var isUnanswered: Bool { if case .unanswered = self { true } else { false } }

    /// Failed with the first of many complaints, or passed when there is none.
    static func judging(_ problems: [String], _ good: @autoclosure () -> String) -> CheckOutcome {
        guard !problems.isEmpty else { return .passed(good()) }
        let more = problems.count > 5 ? " and \(problems.count - 5) more" : ""
        return .failed(problems.prefix(5).joined(separator: "; ") + more)
    }

    static func judging(_ paths: [TreePath], _ good: @autoclosure () -> String) -> CheckOutcome {
        judging(paths.map { "/\($0)" }, good())
    }
}

/// What the person who runs the checks decides.
package struct StandardOptions: Hashable, Sendable {
    /// The most bytes that all layers may have together, compressed.
    package var sizeLimit: Int?
    package init(sizeLimit: Int? = nil) { self.sizeLimit = sizeLimit }
}

/// A rule that every image keeps. docs/testing.md lists them.
package protocol StandardCheck: Sendable {
    /// Stable, for programs and for configurations that acknowledge a failure.
    static var id: String { get }
    /// What holds, and why it matters, in one sentence.
    static var reason: String { get }
    static func run(_ image: TestedImage, _ options: StandardOptions) throws -> CheckOutcome
}

package enum Standards {
    /// In the order in which they are reported.
    package static let all: [any StandardCheck.Type] = [
        NonRootUser.self, KubernetesUser.self, NoShell.self, NoPackageManager.self, NoPrivilegedFiles.self,
        NoWorldWritable.self, NoDevices.self, NoPrivateKeys.self, NoMachineIdentity.self, CertificateBundle.self,
        NeededLibraries.self, PlatformMatches.self, PackageDatabaseTrue.self, ConfigurationComplete.self,
        SizeBudget.self,
    ]

    /// Raised when a check judges the same image differently, so that nobody goes on with what it came to before.
    package static let version = 2

    /// Runs every check.
    ///
    /// - Parameter now: milliseconds since the epoch, for durations; a build, whose report is reproduced, gives zeros.
    package static func check(
        _ image: TestedImage,
        options: StandardOptions = StandardOptions(),
        acknowledged: Set<String> = [],
        now: () -> Int = { 0 }
    ) -> [TestResult] {
        let platform = image.configuration.platform.description
        return all.map { check in
            let start = now()
            let outcome = outcome(of: check, image, options)
            var result = result(check, outcome, platform: platform, acknowledged: acknowledged)
            result.duration = now() - start
            return result
        }
    }

    /// What each check finds, in the order of `all`, whatever anybody acknowledges.
    package static func outcomes(of image: TestedImage, options: StandardOptions) -> [CheckOutcome] {
        all.map { outcome(of: $0, image, options) }
    }

    /// Results from what `outcomes` gave.
    package static func results(
        _ outcomes: [CheckOutcome],
        platform: String,
        acknowledged: Set<String>
    ) -> [TestResult] {
        zip(all, outcomes).map { result($0, $1, platform: platform, acknowledged: acknowledged) }
    }

    private static func outcome(
        of check: any StandardCheck.Type,
        _ image: TestedImage,
        _ options: StandardOptions
    ) -> CheckOutcome {
        do { return try check.run(image, options) } catch { return .unanswered("it could not be asked: \(error)") }
    }

    private static func result(
        _ check: any StandardCheck.Type,
        _ outcome: CheckOutcome,
        platform: String,
        acknowledged: Set<String>
    ) -> TestResult {
        let (kind, detail): (TestResult.Outcome, String) =
            switch outcome {
            case .passed(let detail): (.passed, detail)
            case .failed(let detail), .unanswered(let detail):
                (acknowledged.contains(check.id) ? .warned : .failed, detail)
            case .skipped(let detail): (.skipped, detail)
            }
        return TestResult(suite: .standards, platform: platform, name: check.id, outcome: kind, detail: detail)
    }
}
