// SPDX-License-Identifier: Apache-2.0

internal import Comparison
internal import Cryptography
internal import Diagnostics

/// A comparison for people, and for pull requests.
///
/// What is the same on all platforms is said once.
struct DifferenceRendering {
    private let difference: SnapshotDifference
    private let withFiles: Bool

    private static let fileLimit = 200
    private static let fieldLimit = 40

    init(_ difference: SnapshotDifference, withFiles: Bool) {
        self.difference = difference
        self.withFiles = withFiles
    }

    /// A heading, and lines below it.
    private struct Section {
        var title: String
        var lines: [String]
    }

    var text: String {
        if difference.isEqual { return "the same: \(difference.after.digest)\n" }
        var out = "\(name(difference.before)) -> \(name(difference.after))\n"
        for section in sections {
            out += section.title + "\n"
            for line in section.lines { out += "  \(line)\n" }
        }
        return out
    }

    var markdown: String {
        func code(_ text: String) -> String { "`\(text.replacing("`", with: "'"))`" }
        if difference.isEqual { return "No difference: \(code("\(difference.after.digest)"))\n" }
        var out = "### \(code(name(difference.before))) → \(code(name(difference.after)))\n"
        for section in sections {
            out += "\n**\(section.title.replacing("`", with: "'"))**\n\n"
            // Whatever stands in an image, it is code and not markup.
            out += "```diff\n" + section.lines.map { $0.replacing("```", with: "'''") + "\n" }.joined() + "```\n"
        }
        return out
    }

    private func name(_ side: Snapshot) -> String { PlainText.of(side.name) }

    private var sections: [Section] {
        var out: [Section] = []
        func add(_ title: String, _ lines: [String]) {
            if !lines.isEmpty { out.append(Section(title: title, lines: lines)) }
        }
        add(
            "platforms",
            difference.platformsRemoved.map { "- \(PlainText.of($0))" }
                + difference.platformsAdded.map { "+ \(PlainText.of($0))" }
        )
        for (title, lines) in grouped(packages) { add("packages" + title, lines) }
        for (title, lines) in grouped(sizes) { add("size and layers" + title, lines) }
        for (title, lines) in grouped({ Self.fields($0.settings) }) { add("configuration" + title, lines) }
        for (title, lines) in grouped({ Self.fields($0.accounts) }) { add("accounts" + title, lines) }
        for (title, lines) in grouped(licences) { add("licences" + title, lines) }
        for (title, lines) in grouped(files) { add("files" + title, lines) }
        add("annotations of the index", Self.fields(difference.annotations))
        add("vulnerabilities (VEX)", Self.fields(difference.vulnerabilities))
        add("signers (keys' identifiers)", Self.changes(difference.signersAdded, difference.signersRemoved))
        add("builders", Self.changes(difference.buildersAdded, difference.buildersRemoved))
        add("inputs", Self.fields(difference.others))
        if out.isEmpty {
            add(
                "digest",
                [
                    "- \(difference.before.digest)", "+ \(difference.after.digest)",
                    "nothing that is compared here differs: times, order, or how it is written",
                ]
            )
        }
        return out
    }

    /// Lines by platform; those that all platforms have come first, once.
    private func grouped(_ lines: (PlatformDifference) -> [String]) -> [(title: String, lines: [String])] {
        let platforms = difference.platforms.map { (name: $0.name, lines: lines($0)) }
        // What is common is said of all only where every platform was compared and differs.
        var common: [String] = []
        if platforms.count > 1, platforms.count == difference.after.platforms.count, let first = platforms.first {
            let others = platforms.dropFirst().map { Set($0.lines) }
            common = first.lines.filter { line in others.allSatisfy { $0.contains(line) } }
        }
        let isCommon = Set(common)
        return [("", common)]
            + platforms.map { platform in
                (
                    platform.name.isEmpty ? "" : " of \(PlainText.of(platform.name))",
                    platform.lines.filter { !isCommon.contains($0) }
                )
            }
    }

    /// Packages of one source that changed alike are one line.
    private func packages(_ platform: PlatformDifference) -> [String] {
        struct Change: Hashable {
            var kind: PackageDifference.Kind
            var source: String
            var before: String?
            var after: String?
        }
        let groups = Dictionary(grouping: platform.packages) {
            Change(kind: $0.kind, source: $0.source, before: $0.before, after: $0.after)
        }
        var lines: [String] = []
        for kind in PackageDifference.Kind.allCases {
            for (change, packages) in groups.filter({ $0.key.kind == kind }).sorted(by: {
                ($0.key.source, $0.key.before ?? "", $0.key.after ?? "")
                    < ($1.key.source, $1.key.before ?? "", $1.key.after ?? "")
            }) {
                // A document may be about several architectures at once; a platform of an image is about one.
                let names = packages.map {
                    platform.name.isEmpty && !$0.architecture.isEmpty ? "\($0.name):\($0.architecture)" : $0.name
                }
                let own = names == [change.source] ? "" : "  (\(names.joined(separator: ", ")))"
                let versions = [change.before, change.after].compactMap { $0 }.joined(separator: " -> ")
                lines.append(PlainText.of("\(Self.mark(kind)) \(change.source)  \(versions)\(own)", limit: 1000))
            }
        }
        return lines
    }

    /// `+` and `-` as diff(1) has them; the words say which way a version went.
    private static func mark(_ kind: PackageDifference.Kind) -> String {
        switch kind {
        case .added: "+"
        case .removed: "-"
        case .upgraded: "! upgraded"
        case .downgraded: "! DOWNGRADED"
        case .changed: "! changed"
        }
    }

    private func sizes(_ platform: PlatformDifference) -> [String] {
        guard let before = platform.sizeBefore, let after = platform.sizeAfter, let layers = platform.layers,
            !layers.isEmpty
        else { return [] }
        let change = after - before
        let sign = change > 0 ? "+" : change < 0 ? "-" : ""
        return [
            "\(Size.text(before)) -> \(Size.text(after)) (\(sign)\(Size.text(abs(change))))",
            "\(layers.shared.count) layers shared, \(layers.added.count) new, \(layers.removed.count) gone, \(Size.text(layers.bytesToPull)) to pull"
                + (layers.isReordered ? ", in another order" : ""),
        ]
    }

    private func licences(_ platform: PlatformDifference) -> [String] {
        platform.licencesAdded.sorted { $0.key < $1.key }.map { licence, packages in
            PlainText.of("+ \(licence)  (\(packages.joined(separator: ", ")))", limit: 300)
        } + platform.licencesRemoved.map { PlainText.of("- \($0)", limit: 300) }
    }

    private func files(_ platform: PlatformDifference) -> [String] {
        guard let files = platform.files, !files.isEmpty else { return [] }
        func count(_ kind: FileDifference.Kind) -> Int { files.count { $0.kind == kind } }
        let times = files.count { $0.isOnlyTime }
        let summary =
            "\(count(.added)) added, \(count(.removed)) removed, \(count(.changed) - times) changed"
            + (times > 0 ? ", \(times) with another time only" : "")
        if !withFiles { return ["\(summary); --files lists them"] }
        let listed = files.filter { !$0.isOnlyTime }
        let more = listed.count - Self.fileLimit
        return [summary] + listed.prefix(Self.fileLimit).map { DifferenceLines.file($0, withTime: false) }
            + (more > 0 ? ["and \(more) more; --format json lists 10000"] : [])
    }

    private static func fields(_ fields: [FieldDifference]) -> [String] {
        let more = fields.count - fieldLimit
        return fields.prefix(fieldLimit).map { DifferenceLines.field($0) } + (more > 0 ? ["and \(more) more"] : [])
    }

    private static func changes(_ added: [String], _ removed: [String]) -> [String] {
        removed.map { "- \(PlainText.of($0))" } + added.map { "+ \(PlainText.of($0))" }
    }
}
