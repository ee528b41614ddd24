// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport

/// A Debian archive, a repository of definitions and a store of a test's own, and the program run on them.
struct EndToEnd {
    let directory: TemporaryDirectory
    /// Where the test's repositories stand in for those that the definition names.
    let mirrors: [String]

    init(directory: TemporaryDirectory, mirrors: [String]) {
        self.directory = directory
        self.mirrors = mirrors
    }

    static let definition = """
        name: Test image
        image: test/hello
        variant: runtime
        tags: ["1.0"]
        contents:
          packages:
            - '!absent'
            - hello
        accounts:
          run-as: nonroot
          users:
            - {name: nonroot, uid: 65532, gid: 65532}
          groups:
            - {name: nonroot, gid: 65532}
        os-release:
          name: Test
          id: debian
          version-id: "13"
          version-codename: trixie
        paths:
          - {type: directory, path: /srv/data, uid: 65532, gid: 65532, mode: "0750"}
          - {type: file, path: /srv/data/note, content: "hello\\n"}
          - {type: symlink, path: /srv/link, source: data/note}
        cmd: [/usr/bin/hello]

        """

    static let packages: [FakeDebianPackage] = [
        FakeDebianPackage(
            "hello",
            "1:2.0-1",
            depends: "libhello (>= 1), missing | absent",
            files: [
                "usr/bin/hello": .executable("what a program would be\n"),
                "usr/bin/suid": .text("privileged", mode: 0o4755),
                "usr/share/doc/hello/copyright": .text(
                    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: A Test\nLicense: MIT\n"
                ),
                "usr/share/hello/F\u{151}tan\u{fa}s\u{ed}tv\u{e1}ny": .text("a name that is not ASCII\n"),
                "usr/share/hello/open": .text("world-writable", mode: 0o666),
                "usr/share/hello/twin": .hardLink("usr/share/hello/original"),
                "usr/share/hello/original": .text("one file, two names\n"),
                "usr/share/hello/large": .text(String(repeating: "0123456789abcdef", count: 200_000)),
            ]
        ),
        FakeDebianPackage("libhello", "1.5-2", files: ["usr/lib/libhello.so.1": .text("not really a library\n")]),
        FakeDebianPackage("missing", "1.0-1", architecture: "all", files: ["usr/share/missing/x": .text("x\n")]),
    ]

    init(packages: [FakeDebianPackage] = packages, definition: String = definition) throws {
        directory = try TemporaryDirectory()
        mirrors = [
            "--mirror", "debian=file://" + directory.path("mirror/debian"), "--mirror",
            "debian-security=file://" + directory.path("mirror/security"),
        ]
        let key = try FakeSigningKey.shared()
        for (suite, folder) in [("trixie", "debian"), ("trixie-updates", "debian"), ("trixie-security", "security")] {
            var repository = FakeDebianRepository(suite: suite, packages: suite == "trixie" ? packages : [])
            if suite != "trixie" { repository.architectures = ["amd64", "arm64"] }
            try repository.write(to: directory.path("mirror/\(folder)"), signedBy: [key])
        }
        try directory.write(key.publicKey, to: "project/keys/debian/test.gpg")
        try writeProject(definition)
    }

    /// A repository with one definition, and a key that signs.
    func writeProject(_ definition: String) throws {
        try directory.write(Array(definition.utf8), to: "project/image/hello/1.yaml")
        try FileManager.default.createDirectory(
            atPath: directory.path("project/.git"),
            withIntermediateDirectories: true
        )
        let generated = try Tool.run("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        try directory.write(generated.stdout, to: "sign.key")
    }

    var definitionPath: String { directory.path("project/image/hello/1.yaml") }
    func run(
        _ arguments: [String],
        store: String = "store",
        environment: [String: String] = [:],
        directory working: String? = nil
    ) throws -> Tool.Output {
        try Basalt.run(
            arguments,
            environment: environment.merging(["BASALT_STORE": directory.path(store), "NO_COLOR": "1"]) { own, _ in own
            },
            directory: working ?? directory.path
        )
    }

    /// Builds, and gives what `--format json` says of the image.
    func build(
        _ more: [String] = [],
        store: String = "store",
        output: String = "out",
        environment: [String: String] = [:],
        directory working: String? = nil
    ) throws -> JSON {
        let result = try run(
            [
                "build", definitionPath, "--format", "json", "--key", directory.path("sign.key"), "-o",
                directory.path(output),
            ]
                + mirrors + more,
            store: store,
            environment: environment,
            directory: working
        )
        guard result.status == 0 else { throw Failed(description: "exit code \(result.status): \(result.stderr)") }
        let json = try JSON(parsing: result.stdout)
        guard let image = json["images"]?[0] else { throw Failed(description: "no image in \(result.text)") }
        return image
    }

    struct Failed: Error, CustomStringConvertible { var description: String }

    /// All layers of one platform's manifest, one tar listing each, as GNU tar prints them with `options`.
    func layers(of layout: String, platform: Int = 0) throws -> [(path: String, digest: String)] {
        func blob(_ digest: String) throws -> JSON {
            try JSON(parsing: Array(Data(contentsOf: URL(filePath: "\(layout)/blobs/sha256/\(digest.dropFirst(7))"))))
        }
        let root = try JSON(parsing: Array(Data(contentsOf: URL(filePath: "\(layout)/index.json"))))
        let index = try blob(root["manifests"]?[0]?["digest"]?.text ?? "")
        let manifest = try blob(index["manifests"]?[platform]?["digest"]?.text ?? "")
        return (manifest["layers"]?.elements ?? []).map {
            let digest = $0["digest"]?.text ?? ""
            return ("\(layout)/blobs/sha256/\(digest.dropFirst(7))", digest)
        }
    }
}
