// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import CanonicalJSON
internal import Cryptography
internal import FileTree
internal import Foundation
internal import OCI
internal import Packages
internal import Signing

/// A small image of two platforms with everything that evidence is made of.
enum EvidenceFixture {
    static let repository = "registry.example.org/lab/img"
    static let epoch = 1_735_689_600
    static let identity = ImageIdentity(
        repository: repository,
        tag: "1.0.0",
        created: epoch,
        namespace: Namespace(),
        toolVersion: "1.0.0"
    )

    static func key() throws -> PrivateKey {
        try PrivateKey(
            scalar: Hex.decode("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721") ?? []
        )
    }

    static func inventory(_ platform: Platform, layer: Descriptor, diffID: Digest) -> ImageInventory {
        let package = Package(
            name: "libfoo++1",
            version: "1:1.0-1+b1",
            architecture: platform.architecture,
            source: .init(name: "foo", version: "1:1.0-1"),
            sha256: .of("deb \(platform)"),
            size: 100,
            installedSize: 200,
            path: "pool/main/f/foo/libfoo++1_1.0-1+b1.deb",
            repository: "debian",
            about: .init(
                maintainer: "Foo Maintainers <foo@example.org>",
                homepage: "https://foo.example",
                summary: "a foo"
            )
        )
        let second = Package(
            name: "bar",
            version: "2",
            architecture: "all",
            source: .init(name: "bar", version: "2"),
            sha256: .of("bar"),
            size: 1,
            installedSize: 1,
            path: "pool/main/b/bar/bar_2_all.deb",
            repository: "debian"
        )
        let files = contents(platform).map { path, content, origin in
            InventoryFile(
                path: path,
                sha256: .of(content),
                sha1: .of(content, .sha1),
                size: content.utf8.count,
                mode: 0o644,
                origin: origin
            )
        }
        return ImageInventory(
            platform: platform,
            distribution: Distribution(id: "debian", versionID: "13", codename: "trixie", packageType: "deb"),
            layers: [InventoryLayer(descriptor: layer, diffID: diffID, comment: "everything")],
            packages: [
                InventoryPackage(package: package, licence: Licence.stated("GPL-2+ or Frob"), isRequested: true),
                InventoryPackage(package: second),
            ],
            files: files
        )
    }

    /// What is in the image, in the order of the tar.
    static func contents(_ platform: Platform) -> [(TreePath, String, Origin)] {
        let status = """
            Package: libfoo++1
            Status: install ok installed
            Architecture: \(platform.architecture)
            Version: 1:1.0-1+b1

            Package: bar
            Status: install ok installed
            Architecture: all
            Version: 2

            """
        return [
            ("etc/ld.so.cache", "cache", .effect("ldconfig")),
            ("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n", .definition("os-release")),
            ("usr/lib/libfoo.so.1", "foo \(platform)", .package("libfoo++1:\(platform.architecture)")),
            ("usr/share/bar/caf\u{e9}", "bar", .package("bar")),
            ("var/lib/dpkg/status", status, .effect("dpkg-database")),
        ]
    }

    static func record() -> BuildRecord {
        BuildRecord(
            definition: .init(path: "img.yaml", sha256: .of("definition")),
            externalParameters: [("overlays", [])],
            internalParameters: [("format", 1)],
            platforms: Platform.allCases,
            indexes: [
                SignedIndex(
                    repository: "debian",
                    suite: "trixie",
                    path: "dists/trixie/InRelease",
                    sha256: .of("inrelease"),
                    size: 9,
                    signer: "ABCD",
                    date: epoch
                )
            ],
            builder: Namespace().localBuilder,
            namespace: Namespace(),
            toolVersion: "1.0.0",
            scripts: [
                (
                    .amd64,
                    [
                        ScriptReport(
                            package: "bar",
                            script: "postinst",
                            sha256: .of("script"),
                            treatment: .emulated(by: ["ldconfig"])
                        )
                    ]
                )
            ]
        )
    }

    /// An image that every reader unpacks; `change` makes it another one.
    static func draft(_ change: String = "") throws -> (
        draft: LayoutDraft, members: [(Descriptor, ImageInventory)], index: Descriptor
    ) {
        var draft = LayoutDraft()
        var members: [(Descriptor, ImageInventory)] = []
        for platform in Platform.allCases {
            var files: [(String, String)] = []
            for (path, content, _) in contents(platform) {
                files.append((String(decoding: path.bytes, as: UTF8.self), content))
            }
            if !change.isEmpty { files.append(("usr/share/change", change)) }
            let tar = TarFixture.archive(files)
            let layer = draft.add(stored(tar), mediaType: MediaType.layerGzip)
            var configuration = ImageConfiguration(
                platform: ImagePlatform(architecture: platform.architecture, variant: platform.variant),
                created: epoch,
                diffIDs: [.of(tar)]
            )
            configuration.user = "65532:65532"
            configuration.labels = ["org.opencontainers.image.title": "img \(platform.architecture)"]
            let manifest = draft.add(image: configuration, layers: [layer])
            members.append((manifest, inventory(platform, layer: layer, diffID: .of(tar))))
        }
        let index = draft.add(index: members.map(\.0))
        draft.list(index, tag: "1.0.0", annotations: [Annotation.kind: Annotation.kindIndex])
        return (draft, members, index)
    }

    /// A gzip file with one stored block (RFC 1951 section 3.2.4, RFC 1952).
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        func little(_ value: UInt32, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
        }
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        let length = UInt32(bytes.count)
        var out: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]
        out += little(length, 2) + little(~length, 2)
        out += bytes
        out += little(~crc, 4) + little(length, 4)
        return out
    }
}

/// A directory that is gone when the test is over.
final class TemporaryDirectory {
    let path: String
    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/basalt-evidence-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
