// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// SARIF 2.1.0 (OASIS), the format in which code hosts and editors take the findings of a tool.
package struct StaticAnalysisReport: Sendable {
    package var tool: String
    package var diagnostics: [Diagnostic]

    package init(tool: String, diagnostics: [Diagnostic]) {
        self.tool = tool
        self.diagnostics = diagnostics
    }

    package var json: JSON {
        let codes = Set(diagnostics.map(\.code)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let rules = codes.map { JSON.object([("id", .string($0))]) }
        let driver = JSON.object([("name", .string(tool)), ("rules", .array(rules))])
        let run = JSON.object([
            ("tool", .object([("driver", driver)])),
            // Columns are counted in code points, which is not SARIF's default.
            ("columnKind", "unicodeCodePoints"),
            ("results", .array(diagnostics.map(result))),
        ])
        return .object([
            ("$schema", "https://json.schemastore.org/sarif-2.1.0.json"),
            ("version", "2.1.0"),
            ("runs", .array([run])),
        ])
    }

    private func result(_ diagnostic: Diagnostic) -> JSON {
        let message = diagnostic.hint.map { "\(diagnostic.message) (hint: \($0))" } ?? diagnostic.message
        let location = diagnostic.location
        let region = JSON.object([
            ("startLine", .integer(location.line)),
            ("startColumn", .integer(location.column)),
            ("endColumn", .integer(location.column + location.length)),
        ])
        let place = JSON.object([
            ("artifactLocation", .object([("uri", .string(Self.uri(location.file)))])),
            ("region", region),
        ])
        return .object([
            ("ruleId", .string(diagnostic.code)),
            ("level", .string(diagnostic.severity.rawValue)),
            ("message", .object([("text", .string(message))])),
            ("locations", .array([.object([("physicalLocation", place)])])),
        ])
    }

    /// A path as a URI reference (RFC 3986): everything but unreserved characters and `/` is percent-encoded.
    private static func uri(_ path: String) -> String {
        var out = path.hasPrefix("/") ? "file://" : ""
        // Code hosts compare with paths of the repository, which have no `./`.
        let path = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                out.unicodeScalars.append("%")
                out.unicodeScalars.append(digits[Int(byte >> 4)])
                out.unicodeScalars.append(digits[Int(byte & 15)])
            }
        }
        return out
    }
}
