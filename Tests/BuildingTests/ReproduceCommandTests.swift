// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import OCI
import TestSupport
import Testing

/// Images that are built again from their own record.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct ReproduceCommandTests {
    /// A world with a signed image in `out`, and the public key that signed it.
    private func signed(
        _ family: EndToEnd.Family = .debian,
        _ more: [String] = [],
        prepare: (EndToEnd) throws -> Void = { _ in }
    ) throws -> (world: EndToEnd, layout: String, digest: String) {
        let world = try family.world()
        try prepare(world)
        let built = try world.build(more)
        let key = try Tool.run("openssl", ["pkey", "-in", world.directory.path("sign.key"), "-pubout"])
        try world.directory.write(key.stdout, to: "sign.pub")
        return (world, try #require(built["layout"]?.text), try #require(built["digest"]?.text))
    }

    private func reproduce(
        _ world: EndToEnd,
        _ layout: String,
        _ more: [String] = [],
        trust: [String]? = nil,
        store: String = "rebuilder",
        environment: [String: String] = [:],
        mirrors: [String]? = nil
    ) throws -> (status: Int32, json: JSON, stderr: String) {
        let trust = trust ?? ["--key", world.directory.path("sign.pub")]
        let result = try world.run(
            ["reproduce", layout, "--format", "json"] + trust + more + (mirrors ?? world.mirrors),
            store: store,
            environment: environment,
            directory: world.directory.path("project")
        )
        return (result.status, try JSON(parsing: result.stdout), result.stderr)
    }

    @Test(arguments: EndToEnd.Family.allCases)
    func anImageIsReproducedByAnotherMachine(_ family: EndToEnd.Family) throws {
        let (world, layout, digest) = try signed(family)
        let environment = ["TZ": "Pacific/Kiritimati", "LC_ALL": "C", "LANG": "tr_TR.UTF-8"]
        let found = try reproduce(world, layout, environment: environment)
        #expect(found.status == 0, "\(found.stderr) \(String(decoding: found.json.compact, as: UTF8.self))")
        #expect(found.json["reproduced"]?.boolean == true)
        #expect(found.json["rebuilt"]?.text == digest)
        let statements = found.json["statements"]?.elements ?? []
        // Provenance, script report, test result and CTRF for three manifests, and both bills for each.
        #expect(statements.count == 4 * 3 + 2 * 3)
        #expect(statements.allSatisfy { $0["verdict"]?.text == "equal" })
    }

    @Test func everyParameterIsTakenFromTheRecord() throws {
        let configuration = """
            vendor: {name: Example Images, label-prefix: org.example, url: "https://images.example.org", repository: registry.example.org/lab}
            vex: {author: Example Security, role: Vendor}
            acknowledge-checks: [no-shell]
            namespace: https://images.example.org
            """
        let vex = """
            {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/1", "author": "Somebody",
            "timestamp": "2025-01-31T12:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "CVE-2025-1"},
            "status": "not_affected", "justification": "component_not_present", "products": [{"@id": "pkg:deb/debian/hello"}]}]}
            """
        let (world, layout, _) = try signed(
            .debian,
            ["--in-index-attestations", "--layers", "3", "--max-size", "10MB"]
        ) { world in
            try world.directory.write(Array(configuration.utf8), to: "basalt.yaml")
            try world.directory.write(Array(vex.utf8), to: "project/image/hello/vex/one.json")
        }
        // A statement that was written since is not part of that image; and the rebuilder has no configuration.
        let later = vex.replacing("CVE-2025-1", with: "CVE-2026-2").replacing("example.org/1", with: "example.org/2")
        try world.directory.write(Array(later.utf8), to: "project/image/hello/vex/two.json")
        let found = try reproduce(world, layout)
        #expect(found.status == 0, "\(found.stderr) \(String(decoding: found.json.compact, as: UTF8.self))")
        let types = (found.json["statements"]?.elements ?? []).compactMap { $0["predicateType"]?.text }
        #expect(types.contains("https://openvex.dev/ns"))
    }

    @Test func whatIsMissingOrAnotherIsSaidBeforeAnythingStarts() throws {
        let (world, layout, _) = try signed()
        func code(_ more: [String], layout: String? = nil, mirrors: [String]? = nil) throws -> String? {
            let found = try reproduce(world, layout ?? world.directory.path("out/hello/1"), more, mirrors: mirrors)
            #expect(found.status == 3)
            #expect(found.json["error"]?["hint"]?.text != nil, "\(found.stderr)")
            return found.json["error"]?["code"]?.text
        }
        let text = String(decoding: Data(try Data(contentsOf: URL(filePath: world.definitionPath))), as: UTF8.self)
        let other = world.directory.path("other.yaml")
        try world.directory.write(Array((text + "# changed\n").utf8), to: "other.yaml")
        #expect(try code(["--definition", other]) == "other-definition")
        #expect(try code(["--definition", world.directory.path("absent.yaml")]) == "no-definition")
        #expect(try code(["--definitions", world.directory.path]) == "no-definition")
        // The definition itself may lie anywhere.
        try world.directory.write(Array(text.utf8), to: "elsewhere/x.yaml")
        let moved = try reproduce(world, layout, ["--definition", world.directory.path("elsewhere/x.yaml")])
        #expect(moved.status == 0, "\(moved.stderr)")

        var lock = try JSON(parsing: Array(Data(contentsOf: URL(filePath: layout + ".lock.json"))))
        lock = .object(
            (lock.members ?? []).map {
                $0.0 == "definition"
                    ? ($0.0, .object([("path", "x"), ("digest", lock["definition"]?["digest"] ?? "")])) : $0
            }
        )
        try world.directory.write(lock.canonical, to: "other.lock.json")
        let wrong = try reproduce(world, layout, ["--lock", world.directory.path("other.lock.json")])
        #expect(wrong.status == 3)
        #expect(wrong.json["error"]?["code"]?.text == "other-lock")
        // Packages that are nowhere any more.
        let gone = try reproduce(world, layout, store: "empty", mirrors: ["--mirror", "debian=file:///nonexistent"])
        #expect(gone.status == 3)
        #expect(gone.json["error"]?["message"]?.text?.contains("cannot be built again") == true)
    }

    @Test func anImageWithoutARecordIsRefused() throws {
        let world = try EndToEnd()
        let unsigned = try world.run(
            ["build", world.definitionPath, "-o", world.directory.path("out")] + world.mirrors
        )
        try #require(unsigned.status == 0, "\(unsigned.stderr)")
        let layout = world.directory.path("out/hello/1")
        let found = try reproduce(world, layout, trust: ["--unverified"])
        #expect(found.status == 3)
        #expect(found.json["error"]?["code"]?.text == "no-provenance")
        // Provenance that another program made, as a catalog's images have it.
        let predicate = """
            {"buildDefinition": {"buildType": "https://mobyproject.org/buildkit@v1", "externalParameters": {}},
            "runDetails": {"builder": {"id": "https://builder.example.org/catalog"}}}
            """
        try world.directory.write(Array(predicate.utf8), to: "foreign.json")
        let attested = try world.run(
            ["attest", layout, "--type", "provenance", "--predicate", world.directory.path("foreign.json"), "--key"]
                + [world.directory.path("sign.key")]
        )
        try #require(attested.status == 0, "\(attested.stderr)")
        let foreign = try reproduce(world, layout, trust: ["--unverified"])
        #expect(foreign.status == 3)
        #expect(foreign.json["error"]?["code"]?.text == "foreign-provenance")
        #expect(foreign.json["error"]?["message"]?.text?.contains("https://mobyproject.org/buildkit@v1") == true)
    }

    @Test func trustMustBeNamed() throws {
        let (world, layout, _) = try signed()
        #expect(try world.run(["reproduce", layout]).status == 2)
        #expect(
            try world.run(["reproduce", layout, "--unverified", "--key", world.directory.path("sign.pub")]).status == 2
        )
        #expect(
            try world.run(["reproduce", layout, "--key", world.directory.path("sign.pub"), "--attest"]).status == 2
        )
        let other = try Tool.run("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        let key = try Tool.run("openssl", ["pkey", "-pubout"], input: other.stdout)
        try world.directory.write(key.stdout, to: "other.pub")
        let found = try reproduce(world, layout, trust: ["--key", world.directory.path("other.pub")])
        #expect(found.status == 1)
        #expect(found.json["error"]?["code"]?.text == "not-verified")
    }

    @Test func aRebuilderSignsWithItsOwnNameAndKey() throws {
        let (world, layout, digest) = try signed()
        let generated = try Tool.run("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        try world.directory.write(generated.stdout, to: "rebuilder.key")
        let key = try Tool.run("openssl", ["pkey", "-pubout"], input: generated.stdout)
        try world.directory.write(key.stdout, to: "rebuilder.pub")
        try world.directory.write(Array("namespace: https://rebuilder.example\n".utf8), to: "project/basalt.yaml")
        let before = try world.run(["provenance", layout, "--key", world.directory.path("sign.pub")])
        let found = try reproduce(
            world,
            layout,
            ["--attest", "--attest-key", world.directory.path("rebuilder.key")]
        )
        #expect(found.status == 0, "\(found.stderr)")
        #expect(found.json["attested"]?.text?.hasPrefix("sha256:") == true)
        let after = try world.run(["provenance", layout, "--key", world.directory.path("rebuilder.pub")])
        let (mine, its) = (try JSON(parsing: before.stdout), try JSON(parsing: after.stdout))
        #expect(mine["buildDefinition"] == its["buildDefinition"])
        #expect(mine["runDetails"]?["byproducts"] == its["runDetails"]?["byproducts"])
        #expect(its["runDetails"]?["builder"]?["id"]?.text == "https://rebuilder.example/builder/local/v1")
        // The image is what it was, for those who know the rebuilder and for those who do not.
        for trust in [["sign.pub"], ["sign.pub", "rebuilder.pub"]] {
            let verified = try world.run(["verify", layout] + trust.flatMap { ["--key", world.directory.path($0)] })
            #expect(verified.status == 0, "\(verified.text)")
            #expect(verified.text.contains(digest))
        }
        // A rebuilder's statement is no obstacle to the next one.
        #expect(try reproduce(world, layout).status == 0)
        // A builder id that promises more than a key file can is refused, as it is for a build.
        try world.directory.write(
            Array("builder: https://rebuilder.example/hosted/v1\n".utf8),
            to: "project/basalt.yaml"
        )
        let refused = try reproduce(world, layout, ["--attest", "--attest-key", world.directory.path("rebuilder.key")])
        #expect(refused.status == 3)
        #expect(refused.json["error"]?["code"]?.text == "builder-not-isolated")
    }

    // MARK: Images that somebody altered

    private func altered(
        _ world: EndToEnd,
        _ layout: String,
        configuration: (inout ImageConfiguration) -> Void = { _ in },
        recompresses: Bool = false,
        layer: (String) throws -> Void = { _ in }
    ) async throws -> JSON {
        let image = try await AlteredImage(layout, to: world.directory.path("altered"))
        try await image.write(configuration: configuration, layer: layer, recompresses: recompresses)
        let refused = try reproduce(world, world.directory.path("altered"))
        #expect(refused.status == 1)
        #expect(refused.json["error"]?["code"]?.text == "not-verified")
        let found = try reproduce(world, world.directory.path("altered"), trust: ["--unverified"])
        #expect(found.status == 1, "\(found.stderr)")
        #expect(found.json["verified"]?.boolean == false)
        #expect(found.json["reproduced"]?.boolean == false)
        return try #require(found.json["platforms"]?[0])
    }

    @Test func anAlteredConfigurationIsFound() async throws {
        let (world, layout, _) = try signed()
        let platform = try await altered(world, layout, configuration: { $0.user = "0:0" })
        #expect(platform["configuration"]?.elements?.count == 1)
        #expect(platform["configuration"]?[0]?["field"]?.text == "config.User")
        #expect(platform["configuration"]?[0]?["after"]?.text == "0:0")
        #expect(platform["layers"]?.elements?.allSatisfy { $0["verdict"]?.text == "equal" } == true)
        #expect(platform["files"]?.elements?.isEmpty == true)
    }

    /// Each with GNU tar, on the layer that has /usr/bin/hello.
    @Test(arguments: ["added", "removed", "mode", "owner", "content", "target", "time"])
    func anAlteredFileIsFound(_ what: String) async throws {
        let (world, layout, _) = try signed()
        let platform = try await altered(world, layout, layer: { try Self.alter($0, what) })
        let files = platform["files"]?.elements ?? []
        #expect(files.count == 1, "\(files)")
        let file = try #require(files.first)
        let fields = (file["fields"]?.elements ?? []).compactMap { $0["field"]?.text }
        switch what {
        case "added":
            #expect(file["path"]?.text == "usr/bin/evil")
            #expect(file["change"]?.text == "added")
        case "removed":
            #expect(file["path"]?.text == "usr/bin/hello")
            #expect(file["change"]?.text == "removed")
            #expect(file["origin"]?.text == "package hello")
        case "target":
            #expect(file["path"]?.text == "usr/bin/hello")
            #expect(fields.contains("type") && fields.contains("target"))
        case "content":
            #expect(file["content"]?["firstDifference"]?.int == 5)
            #expect(fields == [])
        default: #expect(fields == [what])
        }
        let verdicts = (platform["layers"]?.elements ?? []).compactMap { $0["verdict"]?.text }
        #expect(verdicts.count { $0 == "contents" } == 1)
    }

    /// Alters the tar at a path if it has the program.
    private static func alter(_ path: String, _ what: String) throws {
        let script = """
            import io, os, sys, tarfile
            path, what = sys.argv[1:]
            source = tarfile.open(path)
            members = [(m, source.extractfile(m).read() if m.isreg() else None) for m in source]
            if not any(m.name == 'usr/bin/hello' for m, _ in members):
                sys.exit()
            out = tarfile.open(path + '.new', 'w', format=tarfile.PAX_FORMAT)
            def add(member, data):
                if data is not None:
                    member.size = len(data)
                member.pax_headers.pop('size', None)
                out.addfile(member, io.BytesIO(data) if data is not None else None)
            for member, data in members:
                if member.name == 'usr/bin/hello':
                    if what == 'removed':
                        continue
                    if what == 'mode':
                        member.mode = 0o4755
                    if what == 'owner':
                        member.uid = 65532
                    if what == 'time':
                        member.mtime = 1
                        member.pax_headers = {}
                    if what == 'content':
                        data = data[:5] + bytes([data[5] ^ 1]) + data[6:]
                    if what == 'target':
                        member.type, member.linkname, member.size, member.mode, data = tarfile.SYMTYPE, 'evil', 0, 0o777, None
                    if what == 'added':
                        extra = tarfile.TarInfo('usr/bin/evil')
                        extra.mode = 0o755
                        add(extra, b'#!/bin/sh\\n')
                add(member, data)
            out.close()
            os.replace(path + '.new', path)
            """
        let result = try Tool.run("python3", ["-c", script, path, what])
        try #require(result.status == 0, "\(result.stderr)")
    }

    @Test func onlyTheCompressionIsOther() async throws {
        let (world, layout, _) = try signed()
        let platform = try await altered(world, layout, recompresses: true)
        let verdicts = Set((platform["layers"]?.elements ?? []).compactMap { $0["verdict"]?.text })
        #expect(verdicts == ["compression"])
        #expect(platform["files"]?.elements?.isEmpty == true)
    }
}
