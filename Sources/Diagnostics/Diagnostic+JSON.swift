// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

extension Diagnostic {
    /// The object that `--format json` prints for each diagnostic.
    package var json: JSON {
        .members([
            ("file", .string(location.file)),
            ("line", .integer(location.line)),
            ("column", .integer(location.column)),
            ("severity", .string(severity.rawValue)),
            ("code", .string(code)),
            ("message", .string(message)),
            ("hint", hint.map { .string($0) }),
        ])
    }
}
