// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics

/// Definitions written in a test.
enum Sample {
    /// Loads a text as a definition at the root of nowhere.
    static func load(_ text: String) -> DefinitionDocument {
        DefinitionLoader(root: RepositoryRoot(path: "/nonexistent")).load(
            SourceFile(path: "x.yaml", bytes: Array(text.utf8))
        )
    }

    static func lint(_ text: String, today: String? = "2026-06-01") -> [Diagnostic] {
        Linter(today: today).lint(load(text)).diagnostics
    }

    static func codes(_ text: String) -> [String] { lint(text).map(\.code) }

    static func plan(_ text: String, _ platform: TargetPlatform = .amd64) throws -> Plan {
        try load(text).plan(platform: platform)
    }
}
