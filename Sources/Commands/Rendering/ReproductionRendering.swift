// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Comparison
internal import Cryptography
internal import Diagnostics
internal import Reproduction

/// What came of building an image again, for people: where it is the same in a few lines, where not with the reasons.
enum ReproductionRendering {
    private static let fileLimit = 40
    private static let fieldLimit = 20

    static func json(_ report: ReproductionReport, attested: Digest?) -> String {
        var members = report.json.members ?? []
        if let attested { members.append(("attested", .string(attested.description))) }
        return String(decoding: JSON.object(members).compact, as: UTF8.self) + "\n"
    }

    static func text(_ report: ReproductionReport, attested: Digest?) -> String {
        let build = report.build
        var out = "\(PlainText.of(report.name))  \(report.image)\n"
        if !report.isVerified {
            out += "  NOT VERIFIED: anybody can have written the record that this was rebuilt from\n"
        }
        out += "  from    \(PlainText.of(build.definition)) \(build.definitionDigest), lock \(build.lock)\n"
        out +=
            "  by      \(PlainText.of(build.builder)), basalt \(PlainText.of(build.version)), \(PlainText.of(build.compressor))\n"
        out += line(report.image == report.rebuilt, "index", report.image, report.rebuilt)
        for platform in report.platforms { out += text(platform) }
        let equal = report.statements.filter { $0.verdict == .equal }
        if !equal.isEmpty { out += "  equal      \(equal.count) statements\n" }
        for statement in report.statements where statement.verdict != .equal {
            out +=
                "  \(statement.verdict == .missing ? "MISSING  " : "DIFFERENT")  \(statement.subject)  \(statement.predicateType)\n"
            out += fields(statement.fields, indent: "    ")
        }
        if !report.isReproduced {
            if !report.index.isEmpty { out += "index\n" + fields(report.index, indent: "    ") }
            if !report.inputs.isEmpty {
                out += "inputs (the rebuild's -> the image's)\n" + fields(report.inputs, indent: "    ")
            }
        } else if report.compressor != build.compressor || report.version != build.version {
            out += "  built here with basalt \(report.version), \(report.compressor)\n"
        }
        for other in report.others { out += "  not compared  \(PlainText.of(other))\n" }
        if let attested { out += "  attested   \(attested)\n" }
        out += report.isReproduced ? "reproduced: every byte is the same\n" : "NOT reproduced\n"
        return out
    }

    private static func line(_ isEqual: Bool, _ name: String, _ image: Digest?, _ rebuilt: Digest?) -> String {
        if isEqual { return "  equal      \(name)  \(rebuilt?.description ?? "")\n" }
        return "  DIFFERENT  \(name)  \(image?.description ?? "not in the image"), rebuilt "
            + (rebuilt.map { "\($0)" } ?? "not at all") + "\n"
    }

    private static func text(_ platform: ReproductionReport.PlatformOutcome) -> String {
        var out = line(platform.isEqual, PlainText.of(platform.platform), platform.image, platform.rebuilt)
        if platform.isEqual { return out }
        if let problem = platform.problem { out += "    cannot be read: \(problem)\n" }
        if !platform.manifest.isEmpty { out += "    manifest\n" + fields(platform.manifest, indent: "      ") }
        if !platform.configuration.isEmpty {
            out += "    configuration\n" + fields(platform.configuration, indent: "      ")
        }
        let total = platform.layers.count
        let touched = Set(platform.files.map(\.layer))
        for layer in platform.layers where layer.verdict != .equal {
            let what =
                switch layer.verdict {
                case .compression: "the same tar, compressed otherwise"
                case .missing: "only in the rebuild"
                case .additional: "only in the image"
                case .equal: ""
                case .contents:
                    touched.contains(layer.number)
                        ? "other contents"
                        : "the same files, written otherwise: order, links, names of owners or padding"
                }
            out +=
                "    layer \(layer.number + 1) of \(total)  \((layer.image ?? layer.rebuilt)?.description ?? "")  \(what)\n"
        }
        if !platform.files.isEmpty {
            func count(_ kind: FileDifference.Kind) -> Int { platform.files.count { $0.kind == kind } }
            out +=
                "    files: \(count(.added)) only in the image, \(count(.removed)) only in the rebuild, \(count(.changed)) changed\n"
            for file in platform.files.prefix(fileLimit) { out += "      \(DifferenceLines.file(file))\n" }
            if platform.files.count > fileLimit {
                out += "      and \(platform.files.count - fileLimit) more; --format json lists 1000\n"
            }
        }
        return out
    }

    private static func fields(_ fields: [FieldDifference], indent: String) -> String {
        fields.prefix(fieldLimit).map { indent + DifferenceLines.field($0) + "\n" }.joined()
            + (fields.count > fieldLimit ? indent + "and \(fields.count - fieldLimit) more\n" : "")
    }
}
