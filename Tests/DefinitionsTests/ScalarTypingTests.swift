// SPDX-License-Identifier: Apache-2.0

import Definitions
import Testing

/// The YAML 1.1 type repository (yaml.org/type), in the restricted form that common readers share.
struct ScalarTypingTests {
    private func kind(_ plain: String) -> String {
        guard let value = Sample.load("vars:\n  A: \(plain)\n").value?["vars"]?["A"] else { return "none" }
        switch value.kind {
        case .null: return "null"
        case .boolean(let flag): return "\(flag)"
        case .integer(let number): return number.map { "int \($0)" } ?? "int"
        case .number(let whole): return whole.map { "float \($0)" } ?? "float"
        case .string: return "string"
        case .foreign: return "foreign"
        case .sequence, .mapping: return "collection"
        }
    }

    @Test(arguments: [
        ("", "null"), ("~", "null"), ("null", "null"), ("Null", "null"), ("nUll", "string"), ("yes", "true"),
        ("No", "false"), ("ON", "true"), ("oFF", "string"), ("true", "true"), ("FALSE", "false"), ("y", "string"),
        ("0", "int 0"), ("12", "int 12"), ("-12", "int -12"), ("+1", "int 1"), ("1_000", "int 1000"),
        ("0x1F", "int 31"), ("0b101", "int 5"), ("017", "int 15"), ("08", "string"), ("0o17", "string"),
        ("1:30", "int 90"), ("1:60", "string"), ("99999999999999999999", "int"), ("1.5", "float"), ("1.", "float 1"),
        (".5", "float"), ("1.0e+3", "float 1000"), ("1.0e+300", "int"), ("1e3", "string"), ("1.0e3", "string"),
        (".inf", "float"),
        ("-.INF", "float"), (".nan", "float"), ("1.2.3", "string"), ("2026-01-31", "foreign"),
        ("2026-1-1", "string"), ("2026-01-31T10:00:00Z", "foreign"), ("2026-1-1 10:00:00", "foreign"), ("=", "foreign"),
        ("5.2.15-2+b13", "string"), ("8.14", "float"), ("'8.14'", "string"), ("\"yes\"", "string"),
        ("!!str 5", "string"), ("-x", "string"), (".", "string"), ("+", "string"), ("0_", "int 0"), ("1:30.5", "float"),
    ])
    func plainScalarsHaveTheTypesOfYAML11(_ plain: String, _ expected: String) {
        #expect(kind(plain) == expected)
    }
}
