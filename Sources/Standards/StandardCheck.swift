// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import OCI

/// What one check found.
package enum CheckOutcome: Hashable, Sendable {
    case passed(String)
    case failed(String)
    /// Not asked, and why.
    case skipped(String)

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

    /// Runs every check; one that cannot be carried out has failed.
    ///
    /// - Parameter now: milliseconds since the epoch, for durations; a build, whose report is reproduced, gives zeros.
    package static func check(
        _ image: TestedImage,
        options: StandardOptions = StandardOptions(),
        acknowledged: Set<String> = [],
        now: () -> Int = { 0 }
    ) -> [TestResult] {
        all.map { check in
            let start = now()
            let outcome: CheckOutcome
            do { outcome = try check.run(image, options) } catch {
                outcome = .failed("it could not be asked: \(error)")
            }
            var result = TestResult(
                suite: .standards,
                platform: image.configuration.platform.description,
                name: check.id,
                outcome: .passed,
                detail: ""
            )
            switch outcome {
            case .passed(let detail): result.detail = detail
            case .failed(let detail):
                result.outcome = acknowledged.contains(check.id) ? .warned : .failed
                result.detail = detail
            case .skipped(let detail):
                result.outcome = .skipped
                result.detail = detail
            }
            result.duration = now() - start
            return result
        }
    }
}
