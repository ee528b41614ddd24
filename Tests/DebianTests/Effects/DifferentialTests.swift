// SPDX-License-Identifier: Apache-2.0

import Debian
import FileTree
import Foundation
import Packages
import TestSupport
import Testing

/// Compares what is assembled without running anything with trees in which apt and dpkg ran every script
/// (`scripts/differential-trees` makes them, `make differential` both). Every path that differs must be explained in
/// `docs/differences.tsv`, and every row there must explain something.
@Suite(
    .enabled(
        if: DifferentialTrees.folder != nil,
        "needs trees made by scripts/differential-trees (BASALT_DIFFERENTIAL)"
    )
)
struct DifferentialTests {
    private static func project(_ path: String) throws -> String {
        // Tests/DebianTests/Effects/DifferentialTests.swift is four levels below the project's root.
        var url = URL(filePath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return try String(contentsOf: url.appending(path: path), encoding: .utf8)
    }

    @Test func everyDifferenceIsExplainedAndEveryRowExplainsOne() throws {
        var table = try Differences(parsing: try Self.project("docs/differences.tsv"))
        let confirmed = try ConfirmedVersions(parsing: try Self.project("docs/differences-confirmed.tsv"))
        var seen = ConfirmedVersions()
        let trees = DifferentialTrees.all
        #expect(!trees.isEmpty)
        for tree in trees {
            let packages = try tree.installed()
            seen.add(packages, suite: tree.suite)
            let moved = confirmed.moved(packages, suite: tree.suite)
            let findings: [Differences.Finding]
            do {
                let assembled = try tree.assembled(packages)
                #expect(assembled.count > 1000)
                findings = try tree.findings(assembled)
            } catch let error as AssemblyError where error.kind == .unknownScript {
                Issue.record(
                    "\(tree.name): the mirror serves a package whose script nobody read yet; read it, then extend KnownScripts or an effect. \(error.message)\n\(moved)"
                )
                continue
            }
            let rest = table.unexplained(findings, suite: tree.suite)
            if !rest.isEmpty {
                let lines = rest.prefix(40).map { "\n  \($0.kind) \($0.path): \($0.detail)" }.joined()
                Issue.record(
                    "\(tree.name): no reason for \(rest.count) of \(findings.count) differences:\(lines)\n\(moved)"
                )
            }
            print("\(tree.name): \(findings.count) differences, \(rest.count) without a reason")
        }
        for row in table.stale(compared: DifferentialTrees.completeSuites) {
            Issue.record("docs/differences.tsv:\(row.line): explains nothing any more: \(row.kind) \(row.pattern)")
        }
        if let folder = DifferentialTrees.folder {
            // What to put in place of the list when the differences of newer packages have been looked at.
            try seen.text.write(toFile: folder + "/differences-confirmed.tsv", atomically: true, encoding: .utf8)
        }
    }

    /// The times differ, on purpose; certificates and their names must not.
    @Test(.enabled(if: Tool.exists("keytool"), "needs keytool of a JDK"))
    func theKeystoreHoldsWhatJavaPutThere() throws {
        let path: TreePath = "etc/ssl/certs/java/cacerts"
        let folder = try TemporaryDirectory()
        func list(_ bytes: [UInt8]) throws -> Set<String> {
            try folder.write(bytes, to: "cacerts")
            let run = try Tool.run(
                "keytool",
                ["-J-Duser.language=en", "-list", "-v", "-keystore", folder.path("cacerts"), "-storepass", "changeit"]
            )
            #expect(run.status == 0, "\(run.text.suffix(500))")
            var out: Set<String> = []
            var alias = ""
            for line in run.lines {
                if line.hasPrefix("Alias name: ") { alias = String(line.dropFirst(12)) }
                if let range = line.range(of: "SHA256: ") { out.insert("\(alias) \(line[range.upperBound...])") }
            }
            return out
        }
        for tree in DifferentialTrees.all {
            guard let real = tree.file(path) else { continue }
            guard case .bytes(let ours)? = try tree.assembled()[path]?.content?.place else {
                Issue.record("\(tree.name): no keystore")
                continue
            }
            let theirs = try list(real)
            #expect(theirs.count > 100)
            #expect(try list(ours) == theirs, "\(tree.name)")
        }
    }

    /// What stands in for base-passwd where it is not installed is what base-passwd says.
    @Test func staticAccountsAreThoseOfBasePasswd() throws {
        for tree in DifferentialTrees.all where tree.set == "debian-base" {
            let assembled = try tree.assembled()
            #expect(assembled.text("usr/share/base-passwd/passwd.master") == StaticAccounts.passwd)
            #expect(assembled.text("usr/share/base-passwd/group.master") == StaticAccounts.group)
        }
    }
}
