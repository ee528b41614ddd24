// SPDX-License-Identifier: Apache-2.0

/// Why no packages could be chosen: one for each name that nobody provides and each package that contradicts another.
package struct Conflict: Hashable, Sendable {
    /// Who asks for something: a package by its label, or nil for the world.
    package struct Demand: Hashable, Sendable {
        package var asker: String?
        package var relation: Dependency

        /// As apk prints it: `a-1[b<2]`, `world[b@edge]`.
        package var text: String {
            guard let asker else { return "world[\(relation)\(relation.tag.map { "@" + $0 } ?? "")]" }
            return "\(asker)[\(relation)]"
        }
    }

    package enum Subject: Hashable, Sendable {
        /// Nobody provides the name.
        case missing(String)
        /// Some do, but none that may be chosen unasked.
        case ambiguous(String, providers: [String])
        case package(String)
    }

    package var subject: Subject
    /// The package can't be installed, whoever asks.
    package var isUninstallable = false
    /// Why, in words.
    package var defects: [String] = []
    /// Its relations that can't be read, by field.
    package var brokenRelations: [String] = []
    package var architecture: String?
    /// Where it is hidden: a tag, the network.
    package var masks: [String] = []
    /// Other chosen packages that provide the same.
    package var rivals: [(label: String, provided: Dependency?)] = []
    /// Demands that it breaks.
    package var breaks: [Demand] = []
    /// Demands that nothing else would meet.
    package var satisfies: [Demand] = []

    package static func == (a: Conflict, b: Conflict) -> Bool { a.lines == b.lines }
    package func hash(into hasher: inout Hasher) { hasher.combine(lines) }

    package init(_ subject: Subject) { self.subject = subject }

    /// Label and content of each part, in the order and the words of apk; used to compare with it.
    package var lines: [String] {
        var out: [String] = []
        func add(_ label: String, _ words: [String]) {
            if !words.isEmpty { out.append("\(label): " + words.joined(separator: " ")) }
        }
        switch subject {
        case .missing(let name):
            out.append("\(name) (no such package):")
            add("required by", satisfies.map(\.text))
        case .ambiguous(let name, let providers):
            out.append("\(name) (virtual):")
            add("note", ["please select one of the 'provided by' packages explicitly"])
            add("provided by", providers)
            add("required by", satisfies.map(\.text))
        case .package(let label):
            out.append("\(label):")
            if isUninstallable { add("error", ["uninstallable"]) }
            add("arch", architecture.map { [$0] } ?? [])
            out += brokenRelations
            add("masked in", masks)
            add("conflicts", rivals.map { rival in rival.provided.map { "\(rival.label)[\($0)]" } ?? rival.label })
            add("breaks", breaks.map(\.text))
            add("satisfies", satisfies.map(\.text))
        }
        return out
    }

    /// The same in sentences.
    package var sentence: String {
        func by(_ demand: Demand) -> String {
            demand.asker.map { "\($0) (\(demand.relation))" }
                ?? "the definition (\(demand.relation)\(demand.relation.tag.map { "@" + $0 } ?? ""))"
        }
        func list(_ demands: [Demand]) -> String { demands.map(by).joined(separator: ", ") }
        switch subject {
        case .missing(let name):
            return "no repository has '\(name)', which is required by \(list(satisfies))"
        case .ambiguous(let name, let providers):
            return "'\(name)', required by \(list(satisfies)), is provided by \(providers.joined(separator: ", ")), "
                + "and nothing says which: name one of them in the definition"
        case .package(let label):
            var parts: [String] = []
            if let architecture { parts.append("it is for the architecture '\(architecture)'") }
            parts += defects.map { "it can't be installed (\($0))" }
            if !masks.isEmpty { parts.append("it is only available under \(masks.joined(separator: ", "))") }
            if !rivals.isEmpty {
                let names = rivals.map { rival in
                    rival.provided.map { "\(rival.label) (both provide \($0))" } ?? rival.label
                }
                parts.append("it cannot stand beside \(names.joined(separator: ", "))")
            }
            if !breaks.isEmpty { parts.append("it contradicts \(list(breaks))") }
            let reason = parts.isEmpty ? "it cannot be installed" : parts.joined(separator: "; ")
            return "\(label): \(reason)" + (satisfies.isEmpty ? "" : "; it is needed by \(list(satisfies))")
        }
    }
}
