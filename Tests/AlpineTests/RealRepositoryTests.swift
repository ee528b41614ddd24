// SPDX-License-Identifier: Apache-2.0

internal import Alpine
internal import Archives
internal import Cryptography
internal import FileTree
internal import Foundation
internal import Packages
internal import TestSupport
internal import Testing

@Suite(.enabled(if: Shared.exists, "\(Shared.reason)")) struct RealRepositoryTests {
    @Test("alpine-base of 3.19 is the set of packages that apk chooses, signed by Alpine")
    func base319() async throws {
        let alpine = RealAlpine(
            folder: Shared.path("alpine/v3.19/main"),
            platform: .amd64,
            keys: try RealAlpine.officialKeys()
        )
        let (resolution, assembly) = try await alpine.install(["alpine-base"])
        // What `apk add --simulate alpine-base` of apk-tools 2.14.4 answers from the same repository.
        let expected = [
            "alpine-base-3.19.1-r0", "alpine-baselayout-3.4.3-r2", "alpine-baselayout-data-3.4.3-r2",
            "alpine-conf-3.17.2-r0",
            "alpine-keys-2.4-r1", "alpine-release-3.19.1-r0", "apk-tools-2.14.0-r5", "busybox-1.36.1-r15",
            "busybox-binsh-1.36.1-r15", "busybox-mdev-openrc-1.36.1-r15", "busybox-openrc-1.36.1-r15",
            "busybox-suid-1.36.1-r15", "ca-certificates-bundle-20230506-r0", "ifupdown-ng-0.12.1-r4",
            "libc-utils-0.7.2-r5",
            "libcap2-2.69-r1", "libcrypto3-3.1.4-r5", "libssl3-3.1.4-r5", "mdev-conf-4.6-r0",
            "musl-1.2.4_git20230717-r4", "musl-utils-1.2.4_git20230717-r4", "openrc-0.52.1-r2", "scanelf-1.3.7-r2",
            "ssl_client-1.36.1-r15", "zlib-1.3.1-r0",
        ]
        #expect(resolution.packages.map { "\($0.name)-\($0.version)" } == expected)
        #expect(resolution.selected.first { $0.package.name == "alpine-base" }?.reason == .requested)
        #expect(assembly.tree["bin/busybox"]?.content != nil)
        #expect(assembly.tree["lib/apk/db/installed"] != nil)
    }

    @Test("alpine-base of 3.13 for aarch64 is as large as the one that apk chooses")
    func base313() async throws {
        let alpine = RealAlpine(
            folder: Shared.path("alpine/v3.13/main"),
            platform: .arm64,
            keys: try RealAlpine.officialKeys()
        )
        let (resolution, assembly) = try await alpine.install(["alpine-base"])
        #expect(resolution.packages.count == 20)
        // busybox 1.32 ships no list of its applets; the program has it.
        #expect(assembly.tree["usr/bin/wc"]?.symlinkTarget == Array("/bin/busybox".utf8))
        #expect(assembly.tree["sbin/ifconfig"]?.symlinkTarget == Array("/bin/busybox".utf8))
    }

    @Test(
        "Every package can be read, whatever its architecture",
        arguments: ["v3.19/main/x86_64", "v3.13/main/aarch64"]
    )
    func all(_ folder: String) throws {
        let path = Shared.path("alpine/" + folder)
        for file in try FileManager.default.contentsOfDirectory(atPath: path) where file.hasSuffix(".apk") {
            let contents = try Alpine().unpack(path + "/" + file, archive: .of(file), into: MemoryPayload())
            let info = PackageInfo(contents.control[".PKGINFO"] ?? [])
            #expect(file == "\(info.name ?? "")-\(info.version ?? "").apk")
        }
    }

    /// `BASALT_APK_ANSWERS` names a file of lines `name<tab>name-version …`, as apk answers; nothing where it refuses.
    static let answers = ProcessInfo.processInfo.environment["BASALT_APK_ANSWERS"]

    @Test(
        "Every package alone resolves as apk resolves it",
        .enabled(if: answers != nil, "BASALT_APK_ANSWERS is not set")
    )
    func sameAsApk() async throws {
        let file = try #require(Self.answers)
        let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        let is319 = text.contains("busybox-binsh")
        let alpine = RealAlpine(
            folder: Shared.path(is319 ? "alpine/v3.19/main" : "alpine/v3.13/main"),
            platform: is319 ? .amd64 : .arm64,
            keys: try RealAlpine.officialKeys()
        )
        let universe = try await alpine.universe()
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let expected = parts[1].split(separator: " ").map(String.init).sorted()
            let found =
                (try? universe.resolve(Request(entries: [parts[0]])))?.packages.map { "\($0.name)-\($0.version)" } ?? []
            #expect(found.sorted() == expected, "\(parts[0])")
        }
    }

    /// What our tree may have otherwise than the official one, and why.
    static let differences: [String: String] = [
        "etc/apk/repositories": "the definition's repositories",
        "etc/apk/world": "the definition's packages",
        "lib/apk/db/installed": "made again from the same packages, whose checksums are others",
        "lib/apk/db/scripts.tar": "as installed",
        "lib/apk/db/triggers": "as installed",
        "lib/apk/db/lock": "apk makes it when it runs",
        "lib/apk/exec": "apk makes it when it runs",
        "etc/alpine-release": "not in any of the packages made again",
        "etc/os-release": "not in any of the packages made again",
        "etc/issue": "not in any of the packages made again",
        "etc/secfixes.d": "not in any of the packages made again",
        "etc/secfixes.d/alpine": "not in any of the packages made again",
        "usr/lib/os-release": "not in any of the packages made again",
        "etc/shadow": "the official file system locks root",
        "etc/apk/keys/test-only-00000001.rsa.pub": "the key that vouched for the packages made again",
        "dev/pts": "the official file system was emptied below /dev",
        "dev/shm": "the official file system was emptied below /dev",
        "proc": "the official one has the mode of a mounted /proc; the package says 755",
        "var/cache/apk": "apk makes it when it runs",
    ]

    @Test(
        "The tree made from the packages made again is the official mini root file system",
        arguments: ["x86_64", "aarch64"]
    )
    func golden(_ architecture: String) async throws {
        let alpine = RealAlpine(
            folder: Shared.path("alpine/reconstructed/v3.19/main"),
            platform: architecture == "x86_64" ? .amd64 : .arm64,
            keys: try RealAlpine.testKey()
        )
        let world = ["alpine-baselayout", "alpine-keys", "apk-tools", "busybox", "libc-utils"]
        let (_, assembly) = try await alpine.install(world)
        let folder = Shared.path("alpine/minirootfs/v3.19/\(architecture)")
        let reader = try ArchiveReader(
            path: "\(folder)/alpine-minirootfs-3.19.4-\(architecture).tar.gz",
            format: .tar
        )
        var official: [String: String] = [:]
        while let entry = try reader.next() {
            let path = try TreePath(entry.path)
            if path.isRoot { continue }
            let what: String
            switch entry.kind {
            case .directory: what = "directory"
            case .symlink(let target): what = "-> \(String(decoding: target, as: UTF8.self))"
            case .file: what = "file \(Digest.of(try reader.data(limit: 64 << 20)).hex)"
            case .hardLink(let target): what = "= \(try TreePath(target))"
            default: what = "other"
            }
            official["\(path)"] = "\(what) \(String(entry.mode, radix: 8)) \(entry.uid):\(entry.gid)"
        }
        var ours: [String: String] = [:]
        for node in assembly.tree.sorted {
            let what: String
            switch node.kind {
            case .directory: what = "directory"
            case .symlink(let target): what = "-> \(String(decoding: target, as: UTF8.self))"
            case .file(let content): what = "file \(content.sha256.hex)"
            case .hardLink(let target): what = "= \(target)"
            }
            ours["\(node.path)"] = "\(what) \(String(node.mode, radix: 8)) \(node.uid):\(node.gid)"
        }
        for path in Set(official.keys).union(ours.keys).sorted() where official[path] != ours[path] {
            #expect(
                Self.differences[path] != nil,
                "\(path): official \(official[path] ?? "none"), ours \(ours[path] ?? "none")"
            )
        }
        #expect(official.count > 400)
    }
}
