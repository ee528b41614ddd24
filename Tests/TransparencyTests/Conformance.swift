// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Foundation
internal import TestSupport

/// The vectors of sigstore-conformance: bundles with what they are about, and whether a client must accept them.
enum Conformance {
    static let folder = "oracle/sigstore-conformance/assets/bundle-verify"

    struct Case: Sendable, CustomStringConvertible {
        var name: String
        var isAccepted: Bool { !name.hasSuffix("_fail") }
        var description: String { name }

        func path(_ file: String) -> String { Shared.path("\(Conformance.folder)/\(name)/\(file)") }
        func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: path(file)) }
        func text(_ file: String, default text: String) -> String {
            guard let data = try? Data(contentsOf: URL(filePath: path(file))) else { return text }
            return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// The type of the bundle's statement; nil where it holds a bare signature, or is no bundle. The suite's protocol has no
        /// word for it and accepts any, and the program accepts a statement by its type only: who speaks that protocol for it
        /// reads the type from the envelope.
        var predicateType: String? {
            guard let data = try? Data(contentsOf: URL(filePath: path("bundle.sigstore.json"))),
                let payload = (try? JSON(parsing: Array(data)))?["dsseEnvelope"]?["payload"]?.text
            else { return nil }
            return (try? JSON(parsing: Base64.decode(lenient: payload) ?? []))?["predicateType"]?.text
        }

        var artifact: String { exists("artifact") ? path("artifact") : Shared.path("\(Conformance.folder)/a.txt") }

        /// The arguments of the suite's protocol behind the command's name.
        func arguments(production: String) -> [String] {
            var arguments = ["--bundle", path("bundle.sigstore.json")]
            if let predicateType { arguments += ["--type", predicateType] }
            if exists("key.pub") {
                arguments += ["--key", path("key.pub")]
            } else {
                let beacon =
                    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main"
                arguments += ["--certificate-identity", text("identity", default: beacon)]
                arguments += [
                    "--certificate-oidc-issuer",
                    text("issuer", default: "https://token.actions.githubusercontent.com"),
                ]
            }
            return arguments + ["--trusted-root", exists("trusted_root.json") ? path("trusted_root.json") : production]
        }
    }

    static let cases: [Case] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Shared.path(folder))) ?? []
        return names.sorted().map(Case.init).filter { $0.exists("bundle.sigstore.json") }
    }()

    static var exists: Bool { !cases.isEmpty }

    /// The public instance's trusted root: the vectors' copy of it, in which a log's key has an end that it never had.
    static func productionRoot() throws -> [UInt8] {
        var json = try JSON(parsing: Shared.bytes("\(folder)/trust-root-tlog-validity-end-inclusive/trusted_root.json"))
        json.change(["tlogs", "0", "publicKey", "validFor", "end"]) { $0 = .null }
        return json.compact
    }
}
