// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.enabled(if: Conformance.exists, "the vectors of sigstore-conformance are not there (BASALT_SHARED)"))
struct ConformanceTests {
    @Test(arguments: Conformance.cases) func bundleIsJudgedAsTheSuiteSays(_ item: Conformance.Case) throws {
        let folder = try TemporaryDirectory()
        try Data(Conformance.productionRoot()).write(to: URL(filePath: folder.path("root.json")))
        let arguments = item.arguments(production: folder.path("root.json"))
        let digest = Digest.of(Array(try Data(contentsOf: URL(filePath: item.artifact))))
        for artifact in [item.artifact, digest.description] {
            let result = try Basalt.run(["verify-blob"] + arguments + [artifact])
            if item.isAccepted {
                #expect(result.status == 0, "\(result.stderr)")
            } else {
                // 1: the answer is no; 3: the trusted root itself is wrong.
                #expect([1, 3].contains(result.status), "\(result.text)\(result.stderr)")
                #expect(result.stderr.hasPrefix("error: "))
            }
        }
    }

    /// What the bundle is accepted for is what was asked for, and not whatever it says.
    @Test func statementIsAcceptedByItsTypeOnly() throws {
        let item = try #require(Conformance.cases.first { $0.name == "rekor2-dsse-happy-path" })
        var arguments = ["verify-blob", item.artifact] + item.arguments(production: "")
        let index = try #require(arguments.firstIndex(of: "--type"))
        #expect(try Basalt.run(arguments).text.contains("https://slsa.dev/provenance/v1"))
        arguments[index + 1] = "spdx"
        #expect(try Basalt.run(arguments).status == 1)
        arguments.removeSubrange(index...index + 1)
        let output = try Basalt.run(arguments)
        #expect(output.status == 1 && output.stderr.contains("https://slsa.dev/provenance/v1"))
    }

    @Test func anotherIdentityOrIssuerIsRefused() throws {
        let item = try #require(Conformance.cases.first { $0.name == "rekor2-happy-path" })
        let right = item.arguments(production: "")
        #expect(try Basalt.run(["verify-blob", item.artifact] + right).status == 0)
        for option in ["--certificate-identity", "--certificate-oidc-issuer"] {
            var wrong = right
            let index = try #require(wrong.firstIndex(of: option))
            wrong[index + 1] += "x"
            let result = try Basalt.run(["verify-blob", item.artifact] + wrong)
            #expect(result.status == 1)
            #expect(result.stderr.contains("expected"))
        }
    }
}
