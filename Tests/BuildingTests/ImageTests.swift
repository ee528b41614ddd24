// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Foundation
import TestSupport
import Testing

/// What is in an image, as GNU tar sees it.
@Suite(.enabled(if: FakeSigningKey.isAvailable && Tool.exists("openssl"), "gpg, gpgv or openssl is not installed"))
struct ImageTests {
    /// Every entry of every layer: path to "mode owner/group".
    private func listing(_ layout: String, _ world: EndToEnd) throws -> [String: String] {
        var out: [String: String] = [:]
        for layer in try world.layers(of: layout) {
            let result = try Tool.run("tar", ["-tvzf", layer.path, "--numeric-owner", "--quoting-style=literal"])
            #expect(result.status == 0, "\(result.stderr)")
            for line in result.lines {
                let fields = line.split(separator: " ", maxSplits: 5).map(String.init)
                guard fields.count == 6 else { continue }
                var path = fields[5]
                for marker in [" -> ", " link to "] {
                    if let range = path.range(of: marker) { path = String(path[..<range.lowerBound]) }
                }
                out[path.hasSuffix("/") ? String(path.dropLast()) : path] = "\(fields[0]) \(fields[1])"
            }
        }
        return out
    }

    @Test func theTreeIsWhatTheDefinitionSays() throws {
        let world = try EndToEnd()
        let image = try world.build()
        let entries = try listing(try #require(image["layout"]?.text), world)
        #expect(entries["srv/data"] == "drwxr-x--- 65532/65532")
        #expect(entries["srv/data/note"] == "-rw-r--r-- 0/0")
        #expect(entries["srv/link"] == "lrwxrwxrwx 0/0")
        #expect(entries["usr/bin/suid"] == "-rwxr-xr-x 0/0", "setuid is taken away")
        #expect(entries["usr/share/hello/open"] == "-rw-rw-r-- 0/0", "nothing is world-writable")
        #expect(entries["tmp"] == "drwxrwxrwt 0/0")
        #expect(entries["home/nonroot"] == "drwx------ 65532/65532")
        #expect(entries["usr/share/hello/twin"]?.hasPrefix("h") == true)
        #expect(entries["usr/share/hello/F\u{151}tan\u{fa}s\u{ed}tv\u{e1}ny"] != nil)
        let devices = entries.filter { ["b", "c", "p", "s"].contains($0.value.first) }.keys
        #expect(devices.isEmpty)
    }

    @Test func vetoedAlternativesAreNotTaken() throws {
        let world = try EndToEnd()
        let result = try world.run(["resolve", world.definitionPath, "--format", "json"] + world.mirrors)
        let platforms = try #require(try JSON(parsing: result.stdout)["platforms"]?.elements)
        #expect(platforms.count == 2)
        for platform in platforms {
            #expect(
                platform["packages"]?.elements?.compactMap { $0["name"]?.text } == ["hello", "libhello", "missing"]
            )
        }
    }

    /// One that fails is listed and does not keep the others from being resolved.
    @Test func severalDefinitionsAreResolvedInOneRun() throws {
        let world = try EndToEnd()
        let broken = EndToEnd.definition.replacing("- hello\n", with: "- no-such-package\n")
        #expect(broken != EndToEnd.definition)
        try world.directory.write(Array(broken.utf8), to: "project/image/hello/2.yaml")
        let folder = world.directory.path("project/image")
        let result = try world.run(["resolve", folder, "--format", "json"] + world.mirrors)
        #expect(result.status == 1)
        let report = try JSON(parsing: result.stdout)
        let entries = try #require(report["definitions"]?.elements)
        #expect(entries.map { $0["definition"]?.text } == ["\(folder)/hello/1.yaml", "\(folder)/hello/2.yaml"])
        #expect(entries.first?["platforms"]?.elements?.count == 2)
        #expect(entries.last?["error"]?["code"]?.text == "unsatisfiable")
        #expect(report["resolved"]?.int == 1)
    }

    /// The report stands in the provenance, in both bills of materials, and is printed on request.
    @Test func scriptsAreReported() throws {
        let script = "#!/bin/sh\nset -e\nexit 0\n"
        var packages = EndToEnd.packages
        packages.append(FakeDebianPackage("scripted", "1.0-1", control: ["prerm": script]))
        let definition = EndToEnd.definition.replacing("- hello\n", with: "- hello\n    - scripted\n")
        let world = try EndToEnd(packages: packages, definition: definition)
        let layout = try #require(try world.build()["layout"]?.text)
        let hash = Digest.of(script).hex

        let report = try JSON(parsing: try world.run(["scripts", layout, "--format", "json"]).stdout)
        let entries = try #require(report["platforms"]?.elements)
        #expect(entries.map { $0["platform"]?.text } == ["linux/amd64", "linux/arm64"])
        for entry in entries {
            #expect(entry["scripts"]?.elements?.count == 1)
            #expect(entry["scripts"]?[0]?["digest"]?["sha256"]?.text == hash)
        }
        let text = try world.run(["scripts", layout, "--platform", "linux/arm64"]).text
        #expect(text.contains("scripted prerm") && text.contains("dropped") && !text.contains("amd64"))

        let document = try JSON(parsing: try world.run(["sbom", layout, "--platform", "linux/amd64"]).stdout)
        let annotated = document["packages"]?.elements?.filter { $0["annotations"] != nil } ?? []
        #expect(annotated.map { $0["name"]?.text } == ["scripted"])
        let comment = annotated.first?["annotations"]?[0]?["comment"]?.text ?? ""
        #expect(comment.hasPrefix("prerm sha256:\(hash) not run"))
        let bill = try world.run(["sbom", layout, "--platform", "linux/amd64", "--type", "cyclonedx"]).text
        #expect(bill.contains("basalt:script") && bill.contains(hash))
    }

    @Test func squashedMeansOneLayer() throws {
        let world = try EndToEnd(definition: EndToEnd.definition + "output: squashed\n")
        let image = try world.build()
        #expect(try world.layers(of: try #require(image["layout"]?.text)).count == 1)
    }

    @Test(.enabled(if: Tool.exists("skopeo"), "skopeo is not installed"))
    func skopeoReadsTheLayout() throws {
        let world = try EndToEnd()
        let image = try world.build()
        let layout = try #require(image["layout"]?.text)
        for architecture in ["amd64", "arm64"] {
            let result = try Tool.run(
                "skopeo",
                ["--override-arch", architecture, "inspect", "--config", "oci:\(layout):1.0"]
            )
            try #require(result.status == 0, "\(result.stderr)")
            let config = try JSON(parsing: result.stdout)
            #expect(config["architecture"]?.text == architecture)
            #expect(config["config"]?["User"]?.text == "65532")
            let copied = try Tool.run(
                "skopeo",
                [
                    "--insecure-policy", "--override-arch", architecture, "copy", "oci:\(layout):1.0",
                    "dir:" + world.directory.path("dir-\(architecture)"),
                ]
            )
            #expect(copied.status == 0, "\(copied.stderr)")
        }
    }

    @Test func aPinnedVersionThatIsNotThereSaysSo() throws {
        let world = try EndToEnd(definition: EndToEnd.definition.replacing("- hello", with: "- hello=9.9"))
        let result = try world.run(
            ["build", world.definitionPath, "--format", "json", "-o", world.directory.path("out")] + world.mirrors
        )
        #expect(result.status == 1)
        #expect(try JSON(parsing: result.stdout)["error"]?["code"]?.text == "unsatisfiable")
        for part in ["9.9", "hello"] { #expect(result.stderr.contains(part)) }
        #expect(world.directory.files(below: "out").isEmpty)
    }
}
