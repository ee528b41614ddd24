// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Foundation
import TestSupport
import Testing

/// Images whose provenance says which commit of which repository they were built from; git says which one it is.
@Suite(
    .enabled(
        if: FakeSigningKey.isAvailable && Tool.exists("openssl") && Tool.exists("git"),
        "gpg, gpgv, openssl or git is not installed"
    )
)
struct SourceTests {
    private static let repository = "git+https://git.example.org/images"
    private static let source = repository + "@refs/heads/main"

    /// Has an included file, one that is copied, one that a committed link leads to, and a folder.
    private static let definition =
        "includes: [image/common.yaml]\n"
        + EndToEnd.definition.replacing(
            "paths:\n",
            with: """
                paths:
                  - {type: file, path: /etc/copied, source: files/copied}
                  - {type: file, path: /etc/linked, source: links/linked}
                  - {type: directory, path: /etc/folder, source: files/folder}

                """
        )

    /// git as somebody who has a name and no configuration.
    @discardableResult
    private func git(_ world: EndToEnd, _ arguments: [String]) throws -> String {
        let result = try Tool.run(
            "git",
            ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"] + arguments,
            environment: ["GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"],
            directory: world.directory.path("project")
        )
        try #require(result.status == 0, "git \(arguments): \(result.stderr)")
        return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A world whose project is a checkout with one commit.
    private func world() throws -> (world: EndToEnd, commit: String) {
        let world = try EndToEnd(definition: Self.definition)
        let files = [
            "image/common.yaml": "annotations: {org.example.common: \"yes\"}\n", "files/copied": "copied\n",
            "real/linked": "linked\n", "files/folder/one": "one\n", "files/folder/two": "two\n",
            "image/hello/vex/one.json": """
            {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/1", "author": "Somebody",
            "timestamp": "2025-01-31T12:00:00Z", "version": 1, "statements": [{"vulnerability": {"name": "CVE-2025-1"},
            "status": "not_affected", "justification": "component_not_present", "products": [{"@id": "pkg:deb/debian/hello"}]}]}
            """,
        ]
        for (name, text) in files { try world.directory.write(Array(text.utf8), to: "project/" + name) }
        try FileManager.default.createSymbolicLink(
            atPath: world.directory.path("project/links"),
            withDestinationPath: "real"
        )
        try git(world, ["init", "-q", "."])
        try git(world, ["add", "."])
        try git(world, ["commit", "-q", "-m", "Everything"])
        return (world, try git(world, ["rev-parse", "HEAD"]))
    }

    private func provenance(_ world: EndToEnd, _ layout: String) throws -> JSON {
        try JSON(parsing: try world.run(["provenance", layout]).stdout)
    }

    private func publicKey(_ world: EndToEnd) throws -> [String] {
        let key = try Tool.run("openssl", ["pkey", "-in", world.directory.path("sign.key"), "-pubout"])
        return ["--key", try world.directory.write(key.stdout, to: "sign.pub")]
    }

    /// The error's code; nil for success.
    private func refusal(
        _ world: EndToEnd,
        _ more: [String] = ["--source", source],
        environment: [String: String] = [:],
        directory: String? = nil
    ) throws -> (code: String?, message: String) {
        let result = try world.run(
            [
                "build", world.definitionPath, "--format", "json", "--key", world.directory.path("sign.key"), "-o",
                world.directory.path("refused"),
            ] + world.mirrors + more,
            environment: environment,
            directory: directory
        )
        let error = try JSON(parsing: result.stdout)["error"]
        #expect(result.status == (error == nil ? 0 : 3), "\(result.stderr)")
        return (error?["code"]?.text, error?["message"]?.text ?? "")
    }

    @Test func theCommitThatGitGivesIsRecordedVerifiedAndReproduced() throws {
        let (world, commit) = try world()
        let plain = try world.build(output: "plain")
        let built = try world.build(["--source", Self.source])
        // What is said about an image does not change it.
        #expect(built["digest"] == plain["digest"])
        let layout = try #require(built["layout"]?.text)
        let build = try #require(try provenance(world, layout)["buildDefinition"])
        let definition = build["externalParameters"]?["definition"]
        #expect(definition?["repository"]?.text == Self.repository)
        #expect(definition?["ref"]?.text == "refs/heads/main")
        #expect(definition?["commit"]?.text == commit)
        // resource_descriptor.md and digest_set.md: the repository by its URI, and its commit as the digest of it.
        let expected: JSON = ["uri": .string(Self.source), "digest": ["gitCommit": .string(commit)]]
        let dependencies = build["resolvedDependencies"]?.elements ?? []
        #expect(dependencies.filter { $0["digest"]?["gitCommit"] != nil } == [expected])
        let own = try #require(dependencies.first { $0["name"]?.text == "image/hello/1.yaml" })
        #expect(own["digest"]?.members?.map(\.0) == ["sha256"])
        #expect(own["uri"] == nil)
        let none = try provenance(world, try #require(plain["layout"]?.text))["buildDefinition"]
        #expect(none?["externalParameters"]?["definition"]?.members?.map(\.0).sorted() == ["path", "sha256"])

        let key = try publicKey(world)
        for (source, status) in [
            (Self.repository, Int32(0)), (Self.source, 0), (Self.repository + "@refs/heads/other", 1),
            (Self.repository + "/", 1), ("git+https://git.example.org/image", 1), (commit, 1),
        ] {
            let verified = try world.run(["verify", layout, "--source", source] + key)
            #expect(verified.status == status, "\(source): \(verified.text)")
        }
        let unsaid = try world.run(
            ["verify", try #require(plain["layout"]?.text), "--source", Self.repository] + key
        )
        #expect(unsaid.status == 1)

        // Again from a copy that is no checkout and has nothing to do with git.
        let copy = world.directory.path("copy")
        try FileManager.default.copyItem(atPath: world.directory.path("project"), toPath: copy)
        try FileManager.default.removeItem(atPath: copy + "/.git")
        try FileManager.default.createDirectory(atPath: copy + "/.git", withIntermediateDirectories: true)
        let again = try world.run(
            ["reproduce", layout, "--format", "json"] + key + world.mirrors,
            store: "rebuilder",
            directory: copy
        )
        #expect(again.status == 0, "\(again.text) \(again.stderr)")
        let found = try JSON(parsing: again.stdout)
        #expect(found["reproduced"]?.boolean == true)
        #expect(found["statements"]?.elements?.allSatisfy { $0["verdict"]?.text == "equal" } == true)
    }

    /// By git, by the flag, by the environment, and with the source in the configuration: the same bytes.
    @Test func theCommitIsTheSameWhoeverSaysIt() throws {
        let (world, commit) = try world()
        let configuration = try world.directory.write(Array("source: \(Self.source)\n".utf8), to: "config.yaml")
        let ways: [(String, [String], [String: String])] = [
            ("git", ["--source", Self.source], [:]),
            (
                "flag", ["--source", Self.source, "--source-commit", commit.uppercased()],
                ["PATH": try withoutGit(world)]
            ),
            ("environment", ["--source", Self.source], ["BASALT_SOURCE_COMMIT": commit]),
            ("configuration", ["--config", configuration], [:]),
        ]
        var files: [String: Set<String>] = [:]
        for (name, arguments, environment) in ways {
            _ = try world.build(arguments, output: "out-" + name, environment: environment)
            // The statement about one run has times; everything else is the same.
            files[name] = Set(world.directory.files(below: "out-\(name)/hello/1/blobs"))
            let predicate = try provenance(world, world.directory.path("out-\(name)/hello/1"))
            try world.directory.write(predicate.canonical, to: "provenance-" + name)
        }
        let expected = try Data(contentsOf: URL(filePath: world.directory.path("provenance-git")))
        for (name, _, _) in ways {
            #expect(try Data(contentsOf: URL(filePath: world.directory.path("provenance-\(name)"))) == expected)
            // One statement of a run, its bundle and its manifest differ.
            #expect((files[name] ?? []).subtracting(files["git"] ?? []).count <= (name == "git" ? 0 : 2), "\(name)")
        }
    }

    /// A PATH on which git fails, whatever it is asked.
    private func withoutGit(_ world: EndToEnd) throws -> String {
        let path = try world.directory.write(Array("#!/bin/sh\nexit 1\n".utf8), to: "bin/git")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return world.directory.path("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    }

    @Test(arguments: [
        "image/hello/1.yaml", "image/common.yaml", "files/copied", "files/folder/two", "real/linked",
        "image/hello/vex/one.json", "basalt.yaml",
    ])
    func whatTheCommitDoesNotHoldIsNotBuilt(_ name: String) throws {
        let (world, commit) = try world()
        if name == "basalt.yaml" {
            // One that the commit does not have is the deployment's own.
            try world.directory.write(Array("namespace: https://images.example.org\n".utf8), to: "project/basalt.yaml")
            let project = world.directory.path("project")
            #expect(try refusal(world, directory: project).code == nil)
            try git(world, ["add", "."])
            try git(world, ["commit", "-q", "-m", "Configuration"])
            try world.directory.write(Array("namespace: https://other.example.org\n".utf8), to: "project/basalt.yaml")
            #expect(try refusal(world, directory: project).code == "not-in-commit")
            return
        }
        let path = world.directory.path("project/" + name)
        let before = try Data(contentsOf: URL(filePath: path))
        try (before + Data("\n".utf8)).write(to: URL(filePath: path))
        let dirty = try refusal(world)
        #expect(dirty.code == "not-in-commit")
        let shown = name == "real/linked" ? "links/linked" : name
        #expect(dirty.message.contains("'\(shown)'") && dirty.message.contains(commit), "\(dirty.message)")
        // Staged is not committed.
        try git(world, ["add", "."])
        #expect(try refusal(world).code == "not-in-commit")
        // Nothing is claimed without a source, and the caller's word is the caller's.
        #expect(try refusal(world, []).code == nil)
        #expect(try refusal(world, ["--source", Self.source, "--source-commit", commit]).code == nil)
        try git(world, ["commit", "-q", "-m", "Change"])
        #expect(try refusal(world).code == nil)
    }

    @Test func whatWasNeverCommittedIsNotBuilt() throws {
        let (world, _) = try world()
        try world.directory.write(Array("three\n".utf8), to: "project/files/folder/three")
        #expect(try refusal(world).message.contains("'files/folder/three' is not in it"))
        try FileManager.default.removeItem(atPath: world.directory.path("project/files/folder/three"))
        #expect(try refusal(world).code == nil)
        // A link that leads elsewhere than the commit's does, to a file that the commit has, too.
        try FileManager.default.removeItem(atPath: world.directory.path("project/links"))
        try world.directory.write(Array("other\n".utf8), to: "project/other/linked")
        try git(world, ["add", "other"])
        try git(world, ["commit", "-q", "-m", "Another"])
        try FileManager.default.createSymbolicLink(
            atPath: world.directory.path("project/links"),
            withDestinationPath: "other"
        )
        #expect(try refusal(world).message.contains("'links/linked'"))
    }

    @Test func aRefOfTheCheckoutMustBeTheCommit() throws {
        let (world, commit) = try world()
        try git(world, ["tag", "-a", "v1", "-m", "First"])
        #expect(try refusal(world, ["--source", Self.repository + "@refs/tags/v1"]).code == nil)
        try git(world, ["commit", "-q", "--allow-empty", "-m", "Nothing"])
        let old = try refusal(world, ["--source", Self.repository + "@refs/tags/v1"])
        #expect(old.code == "other-ref" && old.message.contains(commit))
        // One that the checkout does not have is the caller's word.
        #expect(try refusal(world, ["--source", Self.repository + "@refs/heads/elsewhere"]).code == nil)
    }

    @Test func withoutACheckoutTheCommitMustBeSaid() throws {
        let world = try EndToEnd()
        #expect(try refusal(world).code == "no-commit")
        #expect(try refusal(world, ["--source-commit", String(repeating: "a", count: 40)]).code == "no-source")
        for wrong in [
            ["--source", "https://git.example.org/images"], ["--source", Self.source, "--source-commit", "abc"],
        ] {
            let result = try world.run(
                ["build", world.definitionPath, "--key", world.directory.path("sign.key")] + wrong + world.mirrors
            )
            #expect(result.status == 2, "\(wrong)")
        }
        #expect(try world.run(["build", world.definitionPath, "--source", Self.source] + world.mirrors).status == 2)
        // A configuration's source concerns evidence alone.
        try world.directory.write(Array("source: \(Self.source)\n".utf8), to: "basalt.yaml")
        let unsigned = try world.run(["build", world.definitionPath, "-o", world.directory.path("u")] + world.mirrors)
        #expect(unsigned.status == 0, "\(unsigned.stderr)")
        try world.directory.write(Array("source: /srv/images\n".utf8), to: "basalt.yaml")
        let wrong = try world.run(["build", world.definitionPath, "-o", world.directory.path("u")] + world.mirrors)
        #expect(wrong.status == 3 && wrong.stderr.contains("basalt.yaml:1:9"), "\(wrong.stderr)")
    }

    /// Everything in a repository's own configuration that makes git run something, and what leads git to another repository.
    @Test func theRepositorysOwnConfigurationRunsNothing() throws {
        let (world, commit) = try world()
        let witness = world.directory.path("ran")
        let script = try world.directory.write(Array("#!/bin/sh\ntouch '\(witness)'\ncat\n".utf8), to: "run.sh")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        try world.directory.write(Array("* filter=f diff=f text\n".utf8), to: "project/.git/info/attributes")
        for (name, value) in [
            ("core.fsmonitor", script), ("core.pager", script), ("core.hooksPath", world.directory.path),
            ("core.sshCommand", script), ("core.askPass", script), ("core.editor", script), ("filter.f.clean", script),
            ("filter.f.smudge", script), ("filter.f.process", script), ("diff.f.textconv", script),
            ("diff.external", script), ("alias.rev-parse", "!" + script), ("alias.ls-tree", "!" + script),
            ("pager.ls-tree", script), ("pager.rev-parse", script), ("core.gitProxy", script),
            ("gpg.program", script), ("log.showSignature", "true"),
        ] {
            try git(world, ["config", name, value])
        }
        #expect(try refusal(world).code == nil)
        // A build that is run by a hook of another repository.
        let other = world.directory.path("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        _ = try Tool.run("git", ["init", "-q", other])
        let environment = ["GIT_DIR": other + "/.git", "GIT_WORK_TREE": other, "GIT_INDEX_FILE": other + "/index"]
        let built = try world.build(["--source", Self.source], environment: environment)
        let build = try provenance(world, try #require(built["layout"]?.text))["buildDefinition"]
        #expect(build?["externalParameters"]?["definition"]?["commit"]?.text == commit)
        #expect(!FileManager.default.fileExists(atPath: witness))
    }

    /// A partial clone has objects elsewhere, which git would fetch when it is asked for them, by what the configuration says.
    @Test func aPartialCloneFetchesNothing() throws {
        let (world, _) = try world()
        let witness = world.directory.path("ran")
        let project = world.directory.path("project")
        let tree = try git(world, ["rev-parse", "HEAD:image"])
        try FileManager.default.removeItem(
            atPath: "\(project)/.git/objects/\(tree.prefix(2))/\(tree.dropFirst(2))"
        )
        for (name, value) in [
            ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"),
            ("remote.origin.url", "ext::sh -c touch% \(witness)"), ("remote.origin.promisor", "true"),
            ("protocol.allow", "always"), ("protocol.ext.allow", "always"),
        ] {
            try git(world, ["config", name, value])
        }
        #expect(try refusal(world).code == "no-commit")
        #expect(!FileManager.default.fileExists(atPath: witness))
        // The trap is one: git alone falls into it.
        _ = try? Tool.run("git", ["-C", project, "ls-tree", "-r", "HEAD"])
        #expect(FileManager.default.fileExists(atPath: witness))
    }

    /// What stands in for a commit's objects by the repository's own word.
    @Test func replacedObjectsAreNotBelieved() throws {
        let (world, commit) = try world()
        try world.directory.write(Array("changed\n".utf8), to: "project/files/copied")
        try git(world, ["add", "."])
        try git(world, ["commit", "-q", "-m", "Change"])
        let changed = try git(world, ["rev-parse", "HEAD"])
        try git(world, ["reset", "-q", "--soft", commit])
        try git(world, ["replace", commit, changed])
        #expect(try refusal(world, ["--source", Self.repository]).code == "not-in-commit")
    }
}
