// SPDX-License-Identifier: Apache-2.0

import Definitions

/// libFuzzer's entry: any text as a variable's value, a package, a label, a file's text, a condition and a pattern.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExpression(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    var definition = Definition()
    definition.vars = TextMap([
        .init(name: "A", value: Text(text)), .init(name: "B", value: "b-${A}"),
        .init(name: "C", value: "${B:([a-z]+)}"),
    ])
    var contents = Contents(mark: Mark())
    contents.packages = [Text(text), "${C}"]
    definition.contents = contents
    var path = PathEntry(mark: Mark())
    path.path = "/x"
    path.condition = Text(text)
    path.content = Text(text)
    definition.paths = [path]
    definition.labels = TextMap([.init(name: "L", value: Text(text))])
    let document = DefinitionDocument(
        path: "fuzz",
        root: RepositoryRoot(path: "/nonexistent"),
        sources: [],
        value: nil,
        definition: definition,
        diagnostics: []
    )
    for platform in TargetPlatform.allCases {
        guard let plan = try? document.plan(platform: platform) else {
            preconditionFailure("a valid definition has a plan")
        }
        // Whatever is still a placeholder in a structured field must have been reported.
        precondition(!plan.problems.isEmpty || plan.packages.count == 2)
    }
    if let pattern = try? Pattern(text) {
        var budget = 100_000
        _ = try? pattern.match(in: text, budget: &budget)
    }
    return 0
}
