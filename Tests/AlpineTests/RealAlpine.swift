// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Cryptography
internal import FileTree
internal import Foundation
internal import Packages
internal import TestSupport

/// Payloads in memory, for packages that a test unpacks.
final class MemoryPayload: PayloadSink {
    private var current: [UInt8] = []
    func write(_ bytes: UnsafeRawBufferPointer) { current.append(contentsOf: bytes) }
    func finishFile() -> FileContent {
        defer { current = [] }
        return FileContent(current)
    }
}

/// The real repositories beside the project, installed as the pipeline would do it.
struct RealAlpine {
    var folder: String
    var platform: Platform
    var keys: [String: [UInt8]]

    static func officialKeys() throws -> [String: [UInt8]] {
        var out: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: Shared.path("alpine/keys")) {
            out["alpine/" + name] = try Shared.bytes("alpine/keys/" + name)
        }
        return out
    }

    static func testKey() throws -> [String: [UInt8]] {
        ["test-only-00000001.rsa.pub": try Shared.bytes("alpine/testkey/test-only-00000001.rsa.pub")]
    }

    private static let url = "https://example.org/alpine/main"

    private var access: FolderAccess { FolderAccess(folders: [Self.url: folder], keys: keys) }

    private func repository() throws -> Repository {
        try Alpine().repository(parsing: Self.url, keyring: keys.keys.filter { !$0.hasPrefix("alpine/") }.sorted())
    }

    func universe() async throws -> any Universe {
        try await Alpine().universe(of: [repository()], for: platform, access: access)
    }

    /// Resolves, unpacks and assembles.
    func install(_ wants: [String], variant: Installation.Variant = .dev) async throws -> (Resolution, Assembly) {
        let universe = try await universe()
        let resolution = try universe.resolve(Request(entries: wants))
        let alpine = Alpine()
        var installed: [InstalledPackage] = []
        for package in resolution.packages {
            let path = folder + "/" + package.path
            let digest = Digest.of(Array(try Data(contentsOf: URL(filePath: path))))
            let contents = try alpine.unpack(path, archive: digest, into: MemoryPayload())
            installed.append(InstalledPackage(package: package, contents: contents))
        }
        let installation = Installation(
            platform: platform,
            distribution: Distribution(id: "alpine", versionID: "3.19"),
            packages: installed,
            contents: InlineContents(),
            variant: variant,
            epoch: 1_725_622_500,
            requested: wants,
            repositories: [try repository()],
            keys: try await alpine.keys(for: [repository()], access: access)
        )
        return (resolution, try alpine.assemble(installation))
    }
}
