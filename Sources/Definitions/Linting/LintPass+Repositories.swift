// SPDX-License-Identifier: Apache-2.0

extension LintPass {
    mutating func checkRepositories() {
        guard let contents = definition.contents else { return }
        var repositories: [(repository: Plan.Repository, mark: Mark)] = []
        for text in contents.repositories {
            guard let repository = try? Plan.Repository(line: value(text)) else { continue }
            repositories.append((repository, text.mark))
            if repository.isDebian, repository.signedBy.isEmpty, !contents.keyring.isEmpty {
                warn(
                    "unsigned-repository",
                    "the repository \(repository.url) names no key that signs it",
                    hint: "add [signed-by=/usr/share/keyrings/NAME.gpg]",
                    at: text.mark
                )
            }
            if !repository.signedBy.isEmpty, contents.keyring.isEmpty {
                warn(
                    "missing-key",
                    "the repository \(repository.url) is signed by a key that no 'keyring' entry provides",
                    at: text.mark
                )
            }
        }
        checkReleases(of: repositories)
        for text in contents.keyring where value(text).hasPrefix("http://") {
            warn("insecure-key", "the key is fetched without TLS", hint: "use https://", at: text.mark)
        }
    }

    /// Packages of one release rarely work in another. A repository of another release is no mistake where the same
    /// repository of the own release is listed as well: it then only adds what the own one does not have yet.
    private mutating func checkReleases(of repositories: [(repository: Plan.Repository, mark: Mark)]) {
        guard let own = release else { return }
        let known = Set(repositories.compactMap { ReleasedRepository($0.repository) })
        for (repository, mark) in repositories {
            guard let found = ReleasedRepository(repository), found.release != own else { continue }
            guard !known.contains(ReleasedRepository(place: found.place, release: own)) else { continue }
            warn(
                "other-release",
                "the repository is of the release \(found.release), and os-release says \(own)",
                hint: "a repository of another release only complements the same one of the own release",
                at: mark
            )
        }
    }

    /// The release that os-release names, in the form that repositories have: `v3.23`, `trixie`.
    private var release: String? {
        guard let release = definition.osRelease, let version = release.versionID.map({ value($0) }) else { return nil }
        let ids = [release.id, release.idLike].compactMap { $0 }.flatMap { value($0).split(separator: " ") }
        if ids.contains("alpine") {
            // 3.23.1 and 3.23 are one release for repositories.
            return "v" + version.split(separator: ".").prefix(2).joined(separator: ".")
        }
        guard ids.contains("debian") else { return nil }
        return release.versionCodename.map { value($0) } ?? Plan.Distribution.debianCodenames[version]
    }
}

/// A repository without its release, and the release.
private struct ReleasedRepository: Hashable {
    var place: String
    var release: String

    init(place: String, release: String) {
        self.place = place
        self.release = release
    }

    /// Alpine has the release in the path (`…/v3.23/main`), Debian in the suite (`trixie-updates`); nil for others.
    init?(_ repository: Plan.Repository) {
        if repository.isDebian {
            let word = repository.suite.prefix { $0 != "-" && $0 != "/" }
            guard Plan.Distribution.debianCodenames.values.contains(String(word)) else { return nil }
            release = String(word)
            place = repository.url
            return
        }
        var parts = repository.url.split(separator: "/", omittingEmptySubsequences: false)
        guard let index = parts.firstIndex(where: Self.isAlpineRelease) else { return nil }
        release = String(parts.remove(at: index))
        place = parts.joined(separator: "/")
    }

    private static func isAlpineRelease(_ part: Substring) -> Bool {
        let numbers = part.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        return part.hasPrefix("v") && numbers.count == 2 && numbers.allSatisfy { Int($0) != nil }
    }
}
