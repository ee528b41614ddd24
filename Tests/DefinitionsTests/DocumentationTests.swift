// SPDX-License-Identifier: Apache-2.0

import Definitions
import Diagnostics
import Foundation
import Testing

/// The reference page's examples are run, and its list of fields is the model's.
struct DocumentationTests {
    private func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/definition-language.md"), encoding: .utf8)
    }

    @Test func theListOfFieldsIsTheModels() throws {
        #expect(try page().contains(ReferenceWriter.fields), "write it anew with 'basalt schema --reference'")
    }

    /// A block marked `yaml` lints without a finding; one marked `yaml CODE` has that finding.
    @Test func theExamplesDoWhatThePageSays() throws {
        var blocks: [(info: String, text: String)] = []
        var current: (info: String, text: String)?
        for line in try page().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let block = current {
                    blocks.append(block)
                    current = nil
                } else {
                    current = (String(line.dropFirst(3)), "")
                }
            } else if current != nil {
                current?.text += String(line) + "\n"
            }
        }
        let examples = blocks.filter { $0.info.hasPrefix("yaml") }
        #expect(examples.count >= 8)
        for example in examples {
            let codes = Sample.codes(example.text)
            let expected = example.info.split(separator: " ").dropFirst().map(String.init)
            #expect(codes == expected, "\(example.text)")
        }
    }
}
