// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Definitions
internal import Diagnostics
internal import Glibc
package import Packages

/// A definition worked out for the platforms that are to be built, before anything is fetched.
package struct PlannedDefinition: Sendable {
    /// As it was given.
    package var path: String
    /// Below the root of its repository: the same wherever that lies, so that it may stand in what is reproduced.
    package var relativePath: String
    /// SHA-256 over the bytes of the definition and of what it includes.
    package var digest: Digest
    /// The definition and what it includes, below the root of the repository.
    let inputs: [SourceCheckout.Input]
    /// One for each platform, in the platforms' order.
    package var plans: [(platform: Platform, plan: Plan)]

    /// Reads a definition.
    ///
    /// - Parameters:
    ///   - platforms: nil for all that it names.
    ///   - requiresBuildable: false for what only asks about packages: obstacles to a build are then none.
    /// - Throws: when the definition has errors, when nothing remains to be built, or when something stands in the way.
    package init(path: String, platforms: Set<Platform>?, requiresBuildable: Bool = true) throws {
        let document = DefinitionLoader().load(path: path)
        _ = try document.validDefinition()
        self.path = path
        let real = Self.realPath(path)
        let root = document.root.path
        relativePath =
            real.hasPrefix(root + "/")
            ? String(real.dropFirst(root.count + 1)) : path.split(separator: "/").last.map(String.init) ?? path
        let hasher = Hasher()
        for source in document.sources { hasher.update(source.bytes) }
        digest = hasher.finish()
        // What is included was resolved below the root.
        let own = relativePath
        inputs = document.sources.enumerated().map { number, source in
            SourceCheckout.Input(
                path: number == 0 ? own : String(source.path.dropFirst(root.count + 1)),
                sha256: .of(source.bytes)
            )
        }
        plans = []
        for target in document.platforms {
            guard let platform = Platform(rawValue: target.rawValue) else { continue }
            if let platforms, !platforms.contains(platform) { continue }
            plans.append((platform, try document.plan(platform: target)))
        }
        guard !plans.isEmpty else {
            let wanted = (platforms ?? []).map(\.rawValue).sorted().joined(separator: ", ")
            throw BuildError(
                "no-platform",
                "\(path) is not for \(wanted.isEmpty ? "any platform" : wanted)",
                hint: "it is for \(document.platforms.map(\.rawValue).joined(separator: ", "))",
                outcome: .environment
            )
        }
        for (platform, plan) in plans {
            if let problem = plan.problems.first(where: { $0.severity == .error }) {
                throw BuildError(
                    "invalid-definition",
                    "\(problem.location.file):\(problem.location.line):\(problem.location.column): \(problem.message)",
                    hint: problem.hint ?? "'basalt lint' shows every problem"
                )
            }
            guard requiresBuildable else { continue }
            let blocking = plan.obstacles.filter(\.kind.isBlocking)
            if let first = blocking.first {
                let more = blocking.count > 1 ? " (and \(blocking.count - 1) more obstacles)" : ""
                throw BuildError(
                    "not-buildable",
                    "\(path) cannot be built for \(platform.rawValue): it \(first.description)\(more)",
                    hint: "'basalt plan' lists everything that stands in the way"
                )
            }
        }
    }

    private static func realPath(_ path: String) -> String {
        guard let buffer = realpath(path, nil) else { return path }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    /// The distribution, which must be one and the same for all platforms.
    package func distribution(of plan: Plan) throws -> Distribution {
        guard let found = plan.distribution else {
            throw BuildError(
                "no-distribution",
                "\(path) does not say which distribution it is made of",
                hint: "set 'os-release.id' and 'os-release.version-id'"
            )
        }
        let id = found.family == .other ? found.id : found.family.rawValue
        var distribution = Distribution(id: id, versionID: found.versionID, codename: found.codename)
        distribution.packageType = try Ecosystems.serving(distribution).packageType
        return distribution
    }
}
