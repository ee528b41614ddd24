// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
package import Diagnostics

/// A file with authored VEX statements, and what is wrong with it, each problem at its line and column.
package struct VEXFile: Sendable {
    /// As messages and provenance name it.
    package let name: String
    package let digest: Digest
    package let document: VEXDocument?
    package let diagnostics: [Diagnostic]

    /// Nesting of the deepest part of a document is seven; more is an attack on the reader.
    private static let depth = 16

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        digest = .of(bytes)
        func diagnostic(_ severity: Severity, _ code: String, _ message: String, _ hint: String?, at offset: Int)
            -> Diagnostic
        {
            let place = Self.place(offset, in: bytes)
            return Diagnostic(
                severity,
                code,
                message,
                hint: hint,
                at: SourceLocation(file: name, line: place.line, column: place.column),
                excerpt: place.text
            )
        }
        guard bytes.count <= VEXDocument.sizeLimit else {
            document = nil
            diagnostics = [
                diagnostic(.error, "too-large", "the file is larger than \(VEXDocument.sizeLimit) bytes", nil, at: 0)
            ]
            return
        }
        do throws(JSONError) {
            let json = try JSON(parsing: bytes, depth: Self.depth)
            let reader = VEXReader(json)
            document = reader.document
            diagnostics = reader.problems.map {
                diagnostic($0.severity, $0.code, $0.message, $0.hint, at: $0.path.offset(in: bytes))
            }.inReadingOrder()
        } catch {
            document = nil
            diagnostics = [
                diagnostic(.error, "malformed-json", "it is not JSON: \(error.reason)", nil, at: error.offset)
            ]
        }
    }

    /// Line and column, from 1, of an offset, and the line's text where it is short enough to show.
    private static func place(_ offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int, text: String?) {
        let offset = min(offset, bytes.count)
        let before = bytes[..<offset]
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
        let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
        // Continuation bytes of UTF-8 begin no character.
        let column = bytes[start..<offset].count { $0 & 0xC0 != 0x80 } + 1
        return (line, column, end - start <= 400 ? String(decoding: bytes[start..<end], as: UTF8.self) : nil)
    }
}
