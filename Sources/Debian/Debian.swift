// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import FileTree
package import Packages

/// Debian: signed archives of `.deb` packages, installed without running their scripts.
package struct Debian: Ecosystem {
    package init() {}

    package var name: String { "debian" }
    package var packageType: String { "deb" }
    package var databaseChecksum: Digest.Algorithm { .md5 }

    package func serves(_ distribution: Distribution) -> Bool { DebianRepositories.serves(distribution) }

    package func compare(_ version: String, _ other: String) -> Int { VersionOrder.compare(version, other) }

    package func implicitRepositories(for distribution: Distribution, suites: Set<ImplicitSuite>) -> [Repository] {
        DebianRepositories.implicit(for: distribution, suites: suites)
    }

    package func repository(parsing line: String, keyring: [String]) throws -> Repository {
        try DebianRepositories.parse(line, keyring: keyring)
    }

    package func universe(
        of repositories: [Repository],
        for platform: Platform,
        access: any RepositoryAccess
    ) async throws -> any Universe {
        SubstitutingUniverse(try await DebianIndexes.universe(of: repositories, for: platform, access: access))
    }

    /// The scheme of OpenPGP fingerprints in IANA's registry of URI schemes.
    package func uri(ofSigner signer: String) -> String? { "openpgp4fpr:\(signer)" }

    package func unpack(_ file: String, archive: Digest, into sink: any PayloadSink) throws -> UnpackedPackage {
        try DebReader.read(file, archive: archive, into: sink)
    }

    package func identity(of installed: InstalledPackage) throws -> String { try DebianPackage(installed).identity }

    package func assemble(_ installation: Installation) throws -> Assembly {
        try DebianAssembler.assemble(installation)
    }

    package func settle(_ tree: inout Tree, contents: any ContentSource) throws {
        try DatabaseSettlement.apply(to: &tree, contents: contents)
    }
}
