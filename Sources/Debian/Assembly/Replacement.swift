// SPDX-License-Identifier: Apache-2.0

/// The `Replaces` field of a package: whose files it may take over (Debian Policy 7.6.1).
package struct Replacement: Sendable {
    private struct Clause: Sendable {
        var name: String
        var relation: String
        var version: String
    }

    private let clauses: [Clause]

    package init(parsing field: String?) {
        var clauses: [Clause] = []
        for part in (field ?? "").split(separator: ",") {
            let words = part.split { $0 == " " || $0 == "(" || $0 == ")" || $0 == "\n" || $0 == "\t" }.map(String.init)
            guard let first = words.first else { continue }
            let name = first.split(separator: ":").first.map(String.init) ?? first
            var relation = ""
            var version = ""
            for word in words.dropFirst() {
                let sign = word.prefix { "<>=".contains($0) }
                if !sign.isEmpty { relation = String(sign) }
                let rest = word.dropFirst(sign.count)
                if !rest.isEmpty { version = String(rest) }
            }
            clauses.append(Clause(name: name, relation: relation, version: version))
        }
        self.clauses = clauses
    }

    /// Whether files of that package, in that version, may be overwritten.
    package func covers(_ name: String, _ version: String) -> Bool {
        clauses.contains { clause in
            guard clause.name == name else { return false }
            guard !clause.version.isEmpty else { return true }
            let order = VersionOrder.compare(version, clause.version)
            switch clause.relation {
            case "<<": return order < 0
            case "<=", "<": return order <= 0
            case "=": return order == 0
            case ">=", ">": return order >= 0
            case ">>": return order > 0
            default: return false
            }
        }
    }
}
