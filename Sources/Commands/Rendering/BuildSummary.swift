// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Packages
internal import Standards

/// What a build made, for people and for programs.
enum BuildSummary {
    static func text(_ image: BuiltImage, key: String?) -> String {
        var out = """

            \(image.reference):\(image.tag)  \(image.digest)
              layout    \(image.layout) (tags: \(image.tags.joined(separator: ", ")))
              lock      \(image.lock)
              user      \(image.user)

            """
        for platform in image.platforms {
            let layers = platform.layers == 1 ? "1 layer" : "\(platform.layers) layers"
            out += "  \(platform.platform.rawValue)  \(platform.digest)\n"
            out +=
                "    \(platform.packages) packages, \(layers), \(Size.text(platform.size)) compressed, \(Size.text(platform.unpackedSize)) unpacked\n"
            for note in platform.notes { out += "    note: \(note)\n" }
        }
        if !image.checks.isEmpty {
            let counts: [(TestResult.Outcome, String)] = [
                (.passed, "passed"), (.failed, "FAILED"), (.warned, "failed and acknowledged"), (.skipped, "skipped"),
            ]
            let parts = counts.compactMap { outcome, words -> String? in
                let count = image.checks.count { $0.outcome == outcome }
                return count > 0 ? "\(count) \(words)" : nil
            }
            out += "  checks  \(parts.joined(separator: ", "))\n"
        }
        if image.vexStatements > 0 { out += "  vex     \(image.vexStatements) statements\n" }
        out +=
            image.isSigned
            ? "  signed, with SBOMs, provenance and test results\n" : "  NOT signed, and without evidence: give --key\n"
        out += "  run     podman run --rm oci:\(image.layout):\(image.tag)\n"
        if image.isSigned {
            out += "  verify  basalt verify \(image.layout):\(image.tag) --key \(key ?? "KEY.pub")\n"
        }
        return out
    }

    static func json(_ images: [BuiltImage]) -> String {
        let list = images.map { image -> JSON in
            [
                "definition": .string(image.definition), "layout": .string(image.layout), "tag": .string(image.tag),
                "tags": .strings(image.tags), "reference": .string(image.reference), "lock": .string(image.lock),
                "digest": .string(image.digest.description), "signed": .bool(image.isSigned),
                "checks": .array(image.checks.map(\.json)), "vexStatements": .integer(image.vexStatements),
                "platforms": .array(
                    image.platforms.map {
                        [
                            "platform": .string($0.platform.rawValue), "digest": .string($0.digest.description),
                            "size": .integer($0.size), "unpackedSize": .integer($0.unpackedSize),
                            "packages": .integer($0.packages), "layers": .integer($0.layers),
                            "notes": .strings($0.notes),
                        ]
                    }
                ),
            ]
        }
        return String(decoding: JSON.object([("images", .array(list))]).compact, as: UTF8.self) + "\n"
    }
}
