// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import FileTree
internal import Foundation
internal import Packages
internal import TestSupport

/// What a fixture's packages and indexes come to in this module's hands.
extension ApkFixture {
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let file = folder.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path
    }

    func unpack(_ bytes: [UInt8], _ name: String = "a-1-r0.apk") throws -> UnpackedPackage {
        try Alpine().unpack(write(bytes, name), archive: .of(bytes), into: MemoryPayload())
    }

    /// Installs packages as they are, in an image of nothing else.
    func install(
        _ packages: [Made],
        variant: Installation.Variant = .dev,
        acknowledged: Set<Digest> = [],
        requested: [String]? = nil
    ) throws -> Assembly {
        let installed = try packages.map { made in
            InstalledPackage(
                package: Package(
                    name: made.name,
                    version: made.version,
                    architecture: "x86_64",
                    source: .init(name: made.name, version: made.version),
                    sha256: nil,
                    checksum: made.checksum,
                    size: made.bytes.count,
                    installedSize: 1,
                    path: "",
                    repository: "test"
                ),
                contents: try unpack(made.bytes, "\(made.name).apk")
            )
        }
        return try Alpine().assemble(
            Installation(
                platform: .amd64,
                distribution: Distribution(id: "alpine", versionID: "3.23"),
                packages: installed,
                contents: InlineContents(),
                variant: variant,
                epoch: 1_700_000_001,
                acknowledgedScripts: acknowledged,
                requested: requested,
                keys: keys
            )
        )
    }

    func universe(_ text: String) throws -> AlpineUniverse {
        let archive = try IndexArchive(signedIndex(text), name: "test", keyring: Keyring(keys))
        return AlpineUniverse(
            indexes: [],
            repositories: [Repository(id: "test", url: "https://example.org")],
            architecture: "x86_64",
            entries: [archive.entries]
        )
    }
}
