// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching
internal import FileTree
internal import Packages
internal import Standards
internal import Synchronization

/// Facts about packages' files, found once for each package and kept in the store under the package file's digest. What no
/// package brought is small, and looked at each time.
final class StoreFacts: FactSource {
    private let store: Store
    private let contents: any ContentSource
    private let packages: [Digest: UnpackedPackage]
    private let algorithm: Digest.Algorithm
    private let form: String
    private let computed: ComputedFacts
    private let loaded = Mutex<[Digest: PackageFacts]>([:])

    /// - Parameters:
    ///   - ecosystem: whose packages these are.
    ///   - version: of what is looked for.
    init(
        store: Store,
        contents: any ContentSource,
        packages: [UnpackedPackage],
        ecosystem: any Ecosystem,
        version: Int = FileFacts.version
    ) {
        self.store = store
        self.contents = contents
        self.packages = Dictionary(packages.map { ($0.archive, $0) }, uniquingKeysWith: { first, _ in first })
        algorithm = ecosystem.databaseChecksum
        // Everything besides the package file that decides what is found: what is looked for, how the files are read.
        form = "facts-\(version)-\(algorithm.rawValue)-\(PayloadFile.form)-\(ecosystem.name)"
        computed = ComputedFacts(contents)
    }

    /// Finds what the store does not have, several packages at a time.
    func prepare(width: Int) async throws {
        let missing = packages.values.filter { store.derivedPath(from: $0.archive, form: form) == nil }
            .sorted { ($0.size, $1.archive) > ($1.size, $0.archive) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (position, package) in missing.enumerated() {
                if position >= width { try await group.next() }
                group.addTask { [self] in _ = try find(package) }
            }
            try await group.waitForAll()
        }
    }

    func facts(of content: FileContent) throws -> FileFacts {
        try entry(of: content)?.facts ?? computed.facts(of: content)
    }

    func checksum(_ algorithm: Digest.Algorithm, of content: FileContent) throws -> Digest {
        guard algorithm == self.algorithm, let entry = try entry(of: content) else {
            return try computed.checksum(algorithm, of: content)
        }
        return entry.checksum
    }

    private func entry(of content: FileContent) throws -> PackageFacts.Entry? {
        guard case .payload(let archive, _) = content.place, let package = packages[archive] else { return nil }
        if let facts = loaded.withLock({ $0[archive] }) { return facts[content] }
        let facts =
            try store.document(from: archive, form: form).flatMap { PackageFacts(decoding: $0, checksum: algorithm) }
            ?? find(package)
        loaded.withLock { $0[archive] = facts }
        return facts[content]
    }

    private func find(_ package: UnpackedPackage) throws -> PackageFacts {
        let facts = try PackageFacts(of: package, checksum: algorithm, in: contents)
        try store.keep(facts.encoded, from: package.archive, form: form)
        return facts
    }
}

extension UnpackedPackage {
    /// Of all its files, in bytes.
    fileprivate var size: Int { nodes.reduce(0) { $0 + ($1.content?.size ?? 0) } }
}
