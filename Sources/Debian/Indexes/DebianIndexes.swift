// SPDX-License-Identifier: Apache-2.0

internal import Archives
internal import Cryptography
package import Packages

/// From repositories to something that can be asked: signed Release files, checked; the Packages files that they list,
/// fetched by their hash; their binary form, made once and kept in the store.
package enum DebianIndexes {
    /// A Release file may have this many bytes; Debian's largest has 200 kB.
    private static let releaseLimit = 32 << 20

    /// Opens all suites for one platform.
    ///
    /// - Throws: `DebianError` with one code for each thing that can be wrong: `missing-release`, `bad-signature`,
    ///   `unknown-signer`, `unsigned`, `suite-mismatch`, `expired-release`, `release-in-future`, `missing-component`,
    ///   `missing-architecture`, `missing-index` …; whatever `access` throws.
    package static func universe(
        of repositories: [Repository],
        for platform: Platform,
        access: any RepositoryAccess
    ) async throws -> DebianUniverse {
        guard repositories.count < 200 else {
            throw DebianError("too-many-repositories", "there are \(repositories.count) repositories; 200 is the limit")
        }
        // Suites are independent of each other, and most of the time is the network's.
        let suites = try await withThrowingTaskGroup(of: (Int, SignedIndex, [Catalog.Source]).self) { group in
            for (number, repository) in repositories.enumerated() {
                group.addTask {
                    let (index, sources) = try await open(repository, platform: platform, access: access)
                    return (number, index, sources)
                }
            }
            var found: [(Int, SignedIndex, [Catalog.Source])] = []
            for try await suite in group { found.append(suite) }
            return found.sorted { $0.0 < $1.0 }
        }
        let sources = suites.flatMap { $0.2 }
        guard sources.count < 256 else {
            throw DebianError(
                "too-many-repositories",
                "the repositories have \(sources.count) indexes; 255 is the limit"
            )
        }
        return DebianUniverse(
            indexes: suites.map { $0.1 },
            platform: platform,
            catalog: Catalog(sources, architecture: platform.architecture)
        )
    }

    // MARK: One suite

    private static func open(
        _ repository: Repository,
        platform: Platform,
        access: any RepositoryAccess
    ) async throws -> (SignedIndex, [Catalog.Source]) {
        let suite = SuiteFiles(repository)
        let (signed, content) = try await signedRelease(suite, access: access)
        let release = try Release(parsing: content, name: suite.title("Release"))
        try check(release, suite, access: access)
        var index = signed
        index.date = release.date
        index.validUntil = release.validUntil
        if !suite.isFlat, !release.architectures.isEmpty, !release.architectures.contains(platform.architecture) {
            throw DebianError(
                "missing-architecture",
                "\(suite.title("Release")): the suite has nothing for \(platform.architecture), only for \(release.architectures.joined(separator: " "))",
                hint: "build for another platform, or leave the repository out"
            )
        }
        var sources: [Catalog.Source] = []
        for component in suite.isFlat ? [""] : repository.components {
            guard suite.isFlat || release.has(component: component) else {
                throw DebianError(
                    "missing-component",
                    "\(suite.title("Release")): the suite has no component \(component), only \(release.components.joined(separator: " "))",
                    hint: "correct the component of \(repository.id)"
                )
            }
            var architectures = [platform.architecture]
            // Some archives keep `all` apart.
            if release.architectures.contains("all"), !release.hasNoSeparateAll { architectures.append("all") }
            var isFound = false
            for architecture in suite.isFlat ? [platform.architecture] : architectures {
                guard let file = suite.packages(component, architecture, in: release) else { continue }
                isFound = true
                let packages = try await packages(
                    file,
                    of: suite,
                    platform: platform,
                    byHash: release.acquiresByHash,
                    access: access
                )
                sources.append(
                    Catalog.Source(
                        index: packages,
                        repository: repository.id,
                        priority: release.priority,
                        rank: "\(repository.id) \(repository.suite) \(component) \(architecture)"
                    )
                )
            }
            guard isFound else {
                throw DebianError(
                    "missing-index",
                    "\(suite.title("Release")) lists no Packages file of \(component.isEmpty ? "the repository" : component) for \(platform.architecture)",
                    hint: "the repository may not be made for this platform"
                )
            }
        }
        return (index, sources)
    }

    /// Fetches and checks InRelease, or Release and Release.gpg where there is none.
    private static func signedRelease(
        _ suite: SuiteFiles,
        access: any RepositoryAccess
    ) async throws -> (SignedIndex, [UInt8]) {
        let repository = suite.repository
        var keys: [UInt8] = []
        let names = repository.keys.isEmpty ? ["debian"] : repository.keys
        for name in names { keys += try Keyring.binary(try await access.key(name), name: name) }
        func verifier(_ file: String) -> SignatureVerifier {
            SignatureVerifier(
                keyring: keys,
                keyNames: repository.keys.isEmpty ? "keys/debian" : names.joined(separator: ", "),
                name: suite.title(file),
                acceptsExpired: access.isLocked
            )
        }
        let path: String
        let bytes: [UInt8]
        let verified: SignatureVerifier.Verified
        if let inRelease = try await access.index(suite.folder + "InRelease", of: repository, limit: releaseLimit) {
            path = suite.folder + "InRelease"
            bytes = inRelease
            verified = try await verifier("InRelease").verify(clearSigned: inRelease)
        } else if let release = try await access.index(suite.folder + "Release", of: repository, limit: releaseLimit) {
            guard
                let signature = try await access.index(
                    suite.folder + "Release.gpg",
                    of: repository,
                    limit: releaseLimit
                )
            else {
                throw DebianError(
                    "unsigned",
                    "\(suite.title("Release")) has no Release.gpg beside it",
                    hint: "an archive must be signed"
                )
            }
            path = suite.folder + "Release"
            bytes = release
            verified = try await verifier("Release").verify(release, signature: signature)
        } else {
            throw DebianError(
                "missing-release",
                "\(repository.id) has no suite \(repository.suite): there is neither \(suite.folder)InRelease nor \(suite.folder)Release",
                hint: "check the suite's name and the mirror's address"
            )
        }
        let index = SignedIndex(
            repository: repository.id,
            suite: repository.suite,
            path: path,
            sha256: Digest.of(bytes),
            size: bytes.count,
            signer: verified.signers.first ?? ""
        )
        return (index, verified.content)
    }

    /// Whether a Release file is the one that was asked for, and of this time.
    private static func check(
        _ release: Release,
        _ suite: SuiteFiles,
        access: any RepositoryAccess
    ) throws(DebianError) {
        let repository = suite.repository
        let title = suite.title("Release")
        if !suite.isFlat, release.suite != nil || release.codename != nil {
            guard repository.suite == release.suite || repository.suite == release.codename else {
                let names = [release.codename, release.suite].compactMap { $0 }.joined(separator: " or ")
                throw DebianError(
                    "suite-mismatch",
                    "\(title): this is the Release file of \(names), not of \(repository.suite)",
                    hint:
                        "the mirror serves another suite under this name: use another one, or name the suite that is meant"
                )
            }
        }
        if let date = release.date, date > access.now + 300, !access.isLocked {
            throw DebianError(
                "release-in-future",
                "\(title) is dated \(ReleaseTime.text(date)), which is later than now (\(ReleaseTime.text(access.now)))",
                hint: "check this machine's clock, or the time given with --as-of"
            )
        }
        if let end = release.validUntil, end < access.now, !access.isLocked {
            throw DebianError(
                "expired-release",
                "\(title) was valid until \(ReleaseTime.text(end)), and now it is \(ReleaseTime.text(access.now))",
                hint:
                    "the mirror is out of date, or kept back on purpose: use another one, a lock, or --as-of a time when it was valid"
            )
        }
    }

    // MARK: Packages

    private static func packages(
        _ file: SuiteFiles.Listed,
        of suite: SuiteFiles,
        platform: Platform,
        byHash: Bool,
        access: any RepositoryAccess
    ) async throws -> PackagesIndex {
        guard file.size <= IndexFormat.packagesLimit else {
            throw DebianError(
                "malformed-release",
                "\(suite.title("Release")): \(file.path) is said to have \(file.size) bytes, which is over the limit"
            )
        }
        let plain = suite.folder + file.path
        let hashed = suite.folder + SuiteFiles.byHash(file)
        let place = try await access.file(
            byHash ? hashed : plain,
            alternatives: byHash ? [plain] : [],
            of: suite.repository,
            sha256: file.sha256,
            size: file.size
        )
        let title = suite.title(file.path)
        let derived = try await access.derived(from: file.sha256, form: "\(IndexFormat.form)-\(platform.architecture)")
        { temporary in
            var text: [UInt8] = []
            text.reserveCapacity(file.expandedSize ?? file.size * 4)
            try Decompressor.decompress(path: place, limit: IndexFormat.packagesLimit) { text.append(contentsOf: $0) }
            try text.withUnsafeBufferPointer {
                try PackagesIndexBuilder.build($0, name: title, architecture: platform.architecture, to: temporary)
            }
        }
        return try PackagesIndex(path: derived)
    }
}
