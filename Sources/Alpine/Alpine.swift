// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Diagnostics
package import FileTree
package import Packages

/// Alpine Linux: apk's indexes and packages (v2), its resolver, its database, and what its few scripts would do.
package struct Alpine: Ecosystem {
    package let name = "alpine"
    package let packageType = "apk"
    package let databaseChecksum = Digest.Algorithm.sha1

    package init() {}

    package func serves(_ distribution: Distribution) -> Bool { distribution.id == "alpine" }

    /// None: a definition names Alpine's repositories itself.
    package func compare(_ version: String, _ other: String) -> Int {
        switch Version(version).compared(to: Version(other)) {
        case .less: -1
        case .greater: 1
        default: 0
        }
    }

    package func implicitRepositories(for distribution: Distribution, suites: Set<ImplicitSuite>) -> [Repository] { [] }

    /// Reads `URL` or `@tag URL`, as apk-repositories(5) has it.
    package func repository(parsing line: String, keyring: [String]) throws -> Repository {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        let tag = words.first.flatMap { $0.hasPrefix("@") ? String($0.dropFirst()) : nil }
        let rest = tag == nil ? words : Array(words.dropFirst())
        let hint = "the form is 'URL' or '@tag URL', with http, https or file"
        guard rest.count == 1, tag != "" else {
            throw AlpineError(.badRepository, "", "'\(line)' is no repository", hint: hint)
        }
        var url = rest[0]
        guard
            ["https://", "http://", "file://"].contains(where: { url.hasPrefix($0) && url.utf8.count > $0.utf8.count })
        else {
            throw AlpineError(.badRepository, "", "'\(url)' is no URL of a repository", hint: hint)
        }
        if url.hasSuffix(".adb") {
            throw AlpineError(
                .unsupportedFormat,
                url,
                "it is an APKv3 index (ADB), which this program does not read",
                hint: "use the repository's APKv2 form"
            )
        }
        while url.hasSuffix("/") { url.removeLast() }
        return Repository(id: url, url: url, keys: keyring, tag: tag)
    }

    package func universe(
        of repositories: [Repository],
        for platform: Platform,
        access: any RepositoryAccess
    ) async throws -> any Universe {
        // One place may be named under several tags; it is one repository all the same.
        if repositories.count > 60 {
            throw AlpineError(.badRepository, "", "there are more than 60 repositories")
        }
        let keyring = try await Keyring.load(for: repositories, access: access)
        let architecture = Self.architecture(of: platform)
        let path = "\(architecture)/APKINDEX.tar.gz"
        var indexes: [SignedIndex] = []
        var entries: [[IndexEntry]] = []
        for repository in repositories {
            let subject = "\(repository.id)/\(path)"
            guard let bytes = try await access.index(path, of: repository, limit: IndexArchive.maximalFile) else {
                throw AlpineError(
                    .missingIndex,
                    subject,
                    "the repository has no index for \(platform.rawValue)",
                    hint: "check the repository's URL; the index must lie at \(path) below it"
                )
            }
            let archive = try IndexArchive(bytes, name: subject, keyring: keyring)
            indexes.append(
                SignedIndex(
                    repository: repository.id,
                    suite: "",
                    path: path,
                    sha256: .of(bytes),
                    size: bytes.count,
                    signer: archive.signer
                )
            )
            entries.append(archive.entries)
        }
        return AlpineUniverse(
            indexes: indexes,
            repositories: repositories,
            architecture: architecture,
            entries: entries
        )
    }

    package func keys(
        for repositories: [Repository],
        access: any RepositoryAccess
    ) async throws -> [String: [UInt8]] {
        try await Keyring.load(for: repositories, access: access).files
    }

    /// Compares the control stream with the checksum of the index; the control stream vouches for the rest.
    package func verify(_ file: String, is package: Package) throws {
        try PackageFile(path: file, archive: .of(file)).verify(is: package)
    }

    package func identity(of installed: InstalledPackage) -> String { installed.package.name }

    package func unpack(_ file: String, archive: Digest, into sink: any PayloadSink) throws -> UnpackedPackage {
        try PackageFile(path: file, archive: archive).unpack(into: sink)
    }

    package func assemble(_ installation: Installation) throws -> Assembly {
        var assembler = try Assembler(installation)
        return try assembler.assemble()
    }

    package func settle(_ tree: inout Tree, contents: any ContentSource) throws {
        try DatabaseSettlement.apply(to: &tree, contents: contents)
    }

    /// apk's name of a platform's architecture.
    package static func architecture(of platform: Platform) -> String {
        switch platform {
        case .amd64: "x86_64"
        case .arm64: "aarch64"
        }
    }
}
