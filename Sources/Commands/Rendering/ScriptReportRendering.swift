// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON

/// The attested script report, for people.
enum ScriptReportRendering {
    /// - Parameter platform: only this one's scripts; the statement itself is about all platforms.
    static func text(_ report: JSON, platform: String?) -> String {
        var out = ""
        for entry in report["platforms"]?.elements ?? [] {
            let name = entry["platform"]?.text ?? "?"
            if let platform, platform != name { continue }
            let rows = (entry["scripts"]?.elements ?? []).map { script in
                (
                    name: "\(script["package"]?.text ?? "?") \(script["script"]?.text ?? "?")",
                    digest: String((script["digest"]?["sha256"]?.text ?? "?").prefix(12)),
                    treatment: treatment(script)
                )
            }
            let width = rows.map(\.name.count).max() ?? 0
            out += "\(name)  \(rows.count) scripts, none of them run\n"
            for row in rows {
                let padding = String(repeating: " ", count: width - row.name.count)
                out += "  \(row.name)\(padding)  \(row.digest)  \(row.treatment)\n"
            }
        }
        return out
    }

    private static func treatment(_ script: JSON) -> String {
        let effects = (script["effects"]?.elements ?? []).compactMap(\.text).joined(separator: ", ")
        switch script["treatment"]?.text {
        case "emulated": return "emulated by \(effects)"
        case "dropped": return "dropped: \(script["reason"]?.text ?? "?")"
        case let other: return other ?? "?"
        }
    }
}
