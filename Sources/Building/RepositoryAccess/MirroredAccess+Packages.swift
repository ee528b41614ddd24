// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Fetching
package import Packages

/// A package file that lies in the store.
package struct FetchedPackage: Sendable {
    /// As it was asked for, with its sha256.
    package var package: Package
    package var sha256: Digest
    /// Where the file lies.
    package var path: String
}

extension MirroredAccess {
    /// Brings package files into the store, all at a time; what is there already costs a look.
    ///
    /// - Parameters:
    ///   - verify: checks a file against the index's own checksum, for packages whose sha256 the index does not give
    ///     (Alpine's). It is called when such a file is fetched and whenever it comes from the store.
    /// - Returns: in the order of `packages`.
    /// - Throws: offline, one `not-in-store` error that lists all that is missing.
    package func fetch(
        _ packages: [Package],
        of repositories: [Repository],
        verify: @escaping @Sendable (_ package: Package, _ path: String) throws -> Void
    ) async throws -> [FetchedPackage] {
        var homes: [String: Repository] = [:]
        for repository in repositories where homes[repository.id] == nil { homes[repository.id] = repository }
        for id in homes.keys { try keepIndexes(of: id) }
        if options.isOffline {
            let absent = packages.filter { store(holds: $0) == nil }
            if !absent.isEmpty { throw missing(absent.map(Self.title)) }
        }
        return try await withThrowingTaskGroup(of: (Int, FetchedPackage).self) { group in
            for (index, package) in packages.enumerated() {
                guard let repository = homes[package.repository] else {
                    throw FetchError(
                        .noMirror,
                        "\(Self.title(package)) comes from the repository '\(package.repository)', which is not in use"
                    )
                }
                group.addTask { (index, try await self.fetch(package, of: repository, verify: verify)) }
            }
            var fetched: [Int: FetchedPackage] = [:]
            for try await (index, package) in group { fetched[index] = package }
            return packages.indices.compactMap { fetched[$0] }
        }
    }

    private func fetch(
        _ package: Package,
        of repository: Repository,
        verify: @Sendable (Package, String) throws -> Void
    ) async throws -> FetchedPackage {
        if let sha256 = package.sha256 {
            let path = try await file(
                package.path,
                alternatives: [],
                of: repository,
                sha256: sha256,
                size: package.size
            )
            return FetchedPackage(package: package, sha256: sha256, path: path)
        }
        let digest: Digest
        if let known = store(holds: package) {
            digest = known
        } else {
            guard !options.isOffline else { throw missing([Self.title(package)]) }
            let item = try item(package.path, repository)
            guard let new = try await downloader.unnamedFile(item, size: package.size) else {
                throw FetchError(
                    .notFound,
                    "\(item.name): there is no such file",
                    hint: "the archive may have replaced it: fetch its index again"
                )
            }
            digest = new
        }
        guard let path = store.path(of: digest) else { throw missing([Self.title(package)]) }
        try verify(package, path)
        try store.remember(.init(digest: digest, time: options.now), for: Self.reference(package))
        var named = package
        named.sha256 = digest
        return FetchedPackage(package: named, sha256: digest, path: path)
    }

    /// The digest of a package's file, if the store has it.
    private func store(holds package: Package) -> Digest? {
        let digest = package.sha256 ?? store.reference(for: Self.reference(package))?.digest
        return digest.flatMap { store.path(of: $0) == nil ? nil : $0 }
    }

    private static func title(_ package: Package) -> String {
        "\(package.name) \(package.version) (\(package.path) of \((try? Locator(package.repository))?.description ?? package.repository))"
    }

    /// The index's checksum is part of the name, so a rebuilt package of the same path is another one.
    private static func reference(_ package: Package) -> String {
        "package \(package.repository) \(package.path) \(package.checksum ?? "")"
    }
}
