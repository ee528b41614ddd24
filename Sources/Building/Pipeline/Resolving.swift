// SPDX-License-Identifier: Apache-2.0

internal import Definitions
internal import Fetching
internal import Packages

/// Resolves definitions to locks. Indexes are opened once for all definitions that one value is asked about.
package struct Resolving: Sendable {
    let environment: BuildEnvironment
    let options: BuildOptions
    private let universes = OpenUniverses()

    package init(environment: BuildEnvironment, options: BuildOptions) {
        self.environment = environment
        self.options = options
    }

    /// The repositories of a plan: those that its distribution implies, then its own.
    func repositories(of plan: Plan, distribution: Distribution, ecosystem: any Ecosystem) throws -> [Repository] {
        var repositories = ecosystem.implicitRepositories(for: distribution, suites: options.suites)
        let isEnough = options.usesDistributionOnly && !repositories.isEmpty
        for entry in plan.repositories where !entry.isSource && !isEnough {
            repositories.append(try ecosystem.repository(parsing: entry.line, keyring: plan.keys(for: entry)))
        }
        guard !repositories.isEmpty else {
            throw BuildError(
                "no-repository",
                "\(plan.path) names no repository, and its distribution implies none",
                hint: "list them below 'contents.repositories'"
            )
        }
        return repositories
    }

    /// Asks the signed indexes; both platforms at a time.
    package func resolve(_ planned: PlannedDefinition) async throws -> Lock {
        let platforms = try await concurrently(planned.plans) { platform, plan in
            environment.observer(.began(.resolve, definition: planned.path, platform: platform.rawValue))
            return try await resolve(plan, planned: planned, platform: platform)
        }
        warnAboutVersions(platforms)
        return Lock(definition: planned.relativePath, definitionDigest: planned.digest, platforms: platforms)
    }

    private func resolve(_ plan: Plan, planned: PlannedDefinition, platform: Platform) async throws -> Lock.PlatformLock
    {
        let distribution = try planned.distribution(of: plan)
        let ecosystem = try Ecosystems.serving(distribution)
        let repositories = try repositories(of: plan, distribution: distribution, ecosystem: ecosystem)
        let key = OpenUniverses.Key(repositories: repositories, platform: platform, root: plan.root.path)
        let universe = try await universes.universe(key) {
            let access = environment.access(keys: [key.root])
            return try await ecosystem.universe(of: key.repositories, for: key.platform, access: access)
        }
        var request = Request(entries: plan.packages.map(substituted), isStrict: options.isStrict)
        request.isStrict = options.isStrict
        let resolution = try universe.resolve(request)
        for warning in resolution.warnings { environment.observer(.warning("\(planned.path): \(warning)")) }
        return Lock.PlatformLock(platform: platform, indexes: universe.indexes, resolution: resolution)
    }

    /// The lock with the SHA-256 of every package file: where an index has none (Alpine's), the files are fetched and
    /// checked against what the index does have.
    package func complete(_ lock: Lock, of planned: PlannedDefinition) async throws -> Lock {
        var lock = lock
        for (platform, plan) in planned.plans {
            guard let index = lock.platforms.firstIndex(where: { $0.platform == platform }) else { continue }
            let missing = lock.platforms[index].resolution.packages.filter { $0.sha256 == nil }
            if missing.isEmpty { continue }
            let distribution = try planned.distribution(of: plan)
            let ecosystem = try Ecosystems.serving(distribution)
            let repositories = try repositories(of: plan, distribution: distribution, ecosystem: ecosystem)
            let access = environment.access(keys: [plan.root.path])
            let fetched = try await access.fetch(missing, of: repositories) { package, path in
                try ecosystem.verify(path, is: package)
            }
            let digests = Dictionary(
                fetched.map { ([$0.package.repository, $0.package.path], $0.sha256) },
                uniquingKeysWith: { first, _ in first }
            )
            for position in lock.platforms[index].resolution.selected.indices
            where lock.platforms[index].resolution.selected[position].package.sha256 == nil {
                let package = lock.platforms[index].resolution.selected[position].package
                lock.platforms[index].resolution.selected[position].package.sha256 =
                    digests[[package.repository, package.path]]
            }
        }
        return lock
    }

    /// An entry with the configuration's substitution for its name.
    private func substituted(_ entry: String) -> String {
        let name = entry.prefix { $0 != "=" }
        guard let replacement = environment.configuration.substitutions[String(name)] else { return entry }
        return replacement
    }

    /// Rebuilds without source changes (Debian's binNMUs) give platforms different versions of one source: worth knowing,
    /// and no error.
    private func warnAboutVersions(_ platforms: [Lock.PlatformLock]) {
        var versions: [String: Set<String>] = [:]
        for lock in platforms {
            for package in lock.resolution.packages {
                versions[package.name, default: []].insert(package.source.version)
            }
        }
        for (name, found) in versions.sorted(by: { $0.key < $1.key }) where found.count > 1 {
            let list = found.sorted().joined(separator: " and ")
            environment.observer(.warning("\(name) comes from different source versions on the platforms: \(list)"))
        }
    }
}
