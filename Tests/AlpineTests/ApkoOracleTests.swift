// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Archives
internal import Cryptography
internal import FileTree
internal import Foundation
internal import Packages
internal import TestSupport
internal import Testing

/// Packages and indexes that another image builder was tested with, made by other tools than abuild.
@Suite(.enabled(if: Shared.exists, "\(Shared.reason)")) struct ApkoOracleTests {
    private static let data = "oracle/apko/pkg/apk/apk/testdata"

    /// Folder, key and the key's file.
    private static let signed = [
        ["rsa256-signed", "test-rsa256.rsa.pub", "\(data)/rsa256-signed/test-rsa256.rsa.pub"],
        [
            "alpine-316", "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub",
            "alpine/keys/alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub",
        ],
        // Three signatures, of which one key is known.
        [
            "signing", "chainguard-60912bbc46bfc8ed6bda0b50db3a8a5f3c4344d6bc8549ec9b84d96140b475d1.rsa.pub",
            "\(data)/signing/keys/chainguard-60912bbc46bfc8ed6bda0b50db3a8a5f3c4344d6bc8549ec9b84d96140b475d1.rsa.pub",
        ],
    ]

    @Test(
        "Indexes signed with SHA-1 and SHA-256 are accepted with their keys, and without them refused",
        arguments: signed
    )
    func indexes(_ item: [String]) throws {
        let bytes = try Shared.bytes("\(Self.data)/\(item[0])/APKINDEX.tar.gz")
        let index = try IndexArchive(bytes, name: item[0], keyring: Keyring([item[1]: try Shared.bytes(item[2])]))
        #expect(index.signer == item[1])
        #expect(!index.entries.isEmpty)
        #expect(throws: AlpineError.self) { try IndexArchive(bytes, name: item[0], keyring: Keyring()) }
    }

    @Test("Every package of it is read, and is called as its file is")
    func packages() throws {
        var count = 0
        let root = Shared.path("oracle/apko")
        let walk = FileManager.default.enumerator(atPath: root)
        while let file = walk?.nextObject() as? String {
            guard file.hasSuffix(".apk") else { continue }
            count += 1
            let contents = try Alpine().unpack("\(root)/\(file)", archive: .of(file), into: MemoryPayload())
            let info = PackageInfo(contents.control[".PKGINFO"] ?? [])
            // One of its files was given another version's name.
            #expect(file.contains("/\(info.name ?? "")-"), "\(file)")
        }
        #expect(count > 10)
    }

    /// What its image has and ours has not, or the other way round, and why.
    private static func isExpected(_ path: String) -> Bool {
        let reasons = [
            "dev": "an image has no device nodes", "lib/apk": "the place of the database", "usr/lib/apk": "the same",
            "etc/apk": "our repositories and world", "etc/apko.json": "the other program's own record",
            "etc/os-release": "comes from the definition", "etc/passwd": "comes from the definition",
            "opt": "made by the other program", "proc": "made by the other program", "tmp": "made by the other program",
            "usr": "the database lies there", "var/cache": "made by the other program",
        ]
        return path == "lib" || reasons.keys.contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    @Test("Its golden layout has the same files", arguments: ["x86_64", "aarch64"])
    func golden(_ architecture: String) async throws {
        let folder = "oracle/apko/internal/cli/testdata"
        let alpine = RealAlpine(
            folder: Shared.path(folder + "/packages"),
            platform: architecture == "x86_64" ? .amd64 : .arm64,
            keys: ["melange.rsa.pub": try Shared.bytes(folder + "/packages/melange.rsa.pub")]
        )
        let (_, assembly) = try await alpine.install(["replayout"], variant: .runtime)
        var ours: [String: String] = [:]
        for node in assembly.tree.sorted {
            ours["\(node.path)"] =
                "\(node.content?.sha256.hex ?? (node.isDirectory ? "directory" : "link")) \(node.mode) \(node.uid):\(node.gid)"
        }
        let blobs = Shared.path(folder + "/golden/blobs/sha256")
        var compared = false
        for blob in try FileManager.default.contentsOfDirectory(atPath: blobs) {
            let head = try FileHandle(forReadingFrom: URL(filePath: "\(blobs)/\(blob)")).read(upToCount: 2)
            guard head == Data([0x1F, 0x8B]) else { continue }
            let reader = try ArchiveReader(path: "\(blobs)/\(blob)", format: .tar)
            var theirs: [String: String] = [:]
            var found = ""
            while let entry = try reader.next() {
                let path = try TreePath(entry.path)
                switch entry.kind {
                case .directory: theirs["\(path)"] = "directory \(entry.mode) \(entry.uid):\(entry.gid)"
                case .file:
                    let bytes = try reader.data(limit: 1 << 20)
                    if "\(path)" == "etc/apk/arch" { found = String(decoding: bytes, as: UTF8.self) }
                    theirs["\(path)"] = "\(Digest.of(bytes).hex) \(entry.mode) \(entry.uid):\(entry.gid)"
                default: theirs["\(path)"] = "link \(entry.mode) \(entry.uid):\(entry.gid)"
                }
            }
            guard found == architecture + "\n" else { continue }
            compared = true
            for path in Set(theirs.keys).union(ours.keys).sorted() where theirs[path] != ours[path] {
                #expect(
                    Self.isExpected(path),
                    "\(path): theirs \(theirs[path] ?? "none"), ours \(ours[path] ?? "none")"
                )
            }
        }
        #expect(compared)
    }
}
