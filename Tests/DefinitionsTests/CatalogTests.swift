// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Shared.exists, Comment(rawValue: Shared.reason)), .serialized)
struct CatalogTests {
    @Test(arguments: ["2026-02-27", "2026-08-22"])
    func everyPublishedDefinitionIsAccepted(_ date: String) throws {
        let paths = try Catalog.definitions(date)
        #expect(paths.count > 500)
        let loader = DefinitionLoader()
        let linter = Linter(today: nil)
        for path in paths {
            let errors = linter.lint(loader.load(path: path)).diagnostics.filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(path): \(errors.map(\.message))")
        }
    }

    @Test(arguments: ["2026-02-27", "2026-08-22"])
    func everyPublishedDefinitionCanBePlanned(_ date: String) throws {
        let loader = DefinitionLoader()
        for path in try Catalog.definitions(date) {
            for plan in try loader.load(path: path).plans() {
                #expect(plan.problems.isEmpty, "\(path): \(plan.problems.map(\.message))")
            }
        }
    }
}
