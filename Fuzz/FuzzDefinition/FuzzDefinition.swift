// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics

/// libFuzzer's entry: any bytes as a definition file. Reading, linting and planning must end, and say what is wrong.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzDefinition(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    // A root that does not exist, so that no include or source reaches a file.
    let loader = DefinitionLoader(root: RepositoryRoot(path: "/nonexistent"))
    let document = loader.load(SourceFile(path: "fuzz.yaml", bytes: bytes))
    let finding = Linter(today: "2026-01-01").lint(document)
    for diagnostic in finding.diagnostics { precondition(diagnostic.location.line >= 1 && !diagnostic.message.isEmpty) }
    if !document.diagnostics.contains(where: { $0.severity == .error }) {
        precondition((try? document.plans()) != nil, "a definition without errors has a plan")
    }
    return 0
}
