// SPDX-License-Identifier: Apache-2.0

/// Where a value stands in a document: the names and numbers that lead to it from the top.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    package enum Step: Hashable, Sendable {
        case member(String)
        case element(Int)
    }

    package var steps: [Step]
    package init(_ steps: [Step] = []) { self.steps = steps }

    package static func / (path: JSONPath, name: String) -> JSONPath { JSONPath(path.steps + [.member(name)]) }
    package static func / (path: JSONPath, index: Int) -> JSONPath { JSONPath(path.steps + [.element(index)]) }

    /// `statements[2].status`.
    package var description: String {
        steps.reduce("") { text, step in
            switch step {
            case .member(let name): text.isEmpty ? name : "\(text).\(name)"
            case .element(let index): "\(text)[\(index)]"
            }
        }
    }

    /// The offset, in bytes, at which the value begins in a document that was parsed before; of the nearest value around it
    /// that is there otherwise.
    package func offset(in bytes: [UInt8]) -> Int {
        var scanner = Scanner(bytes: bytes)
        scanner.skipSpace()
        for step in steps {
            let start = scanner.position
            let isThere =
                switch step {
                case .member(let name): scanner.enter(member: name)
                case .element(let index): scanner.enter(element: index)
                }
            if !isThere { return start }
        }
        return scanner.position
    }

    /// Walks over a document that is known to be well-formed; on any other it stops at the end.
    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var current: UInt8? { position < bytes.count ? bytes[position] : nil }

        mutating func skipSpace() {
            while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        }

        /// The text of the string at the position, with its quotes and escapes.
        mutating func skipString() -> ArraySlice<UInt8> {
            let start = position
            position += 1
            while let byte = current, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
            position = min(position + 1, bytes.count)
            return bytes[start..<position]
        }

        mutating func skipValue() {
            var depth = 0
            while let byte = current {
                switch byte {
                case UInt8(ascii: "\""): _ = skipString()
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    position += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return }
                    depth -= 1
                    position += 1
                case UInt8(ascii: ",") where depth == 0: return
                default: position += 1
                }
                if depth == 0, let next = current, next == UInt8(ascii: ",") { return }
            }
        }

        mutating func enter(member name: String) -> Bool {
            guard current == UInt8(ascii: "{") else { return false }
            let start = position
            position += 1
            while true {
                skipSpace()
                guard current == UInt8(ascii: "\"") else { break }
                let key = skipString()
                skipSpace()
                position += 1
                skipSpace()
                if let text = try? JSON(parsing: Array(key)).text, text == name { return true }
                skipValue()
                guard current == UInt8(ascii: ",") else { break }
                position += 1
            }
            position = start
            return false
        }

        mutating func enter(element index: Int) -> Bool {
            guard current == UInt8(ascii: "[") else { return false }
            let start = position
            position += 1
            for number in 0... {
                skipSpace()
                guard let byte = current, byte != UInt8(ascii: "]") else { break }
                if number == index { return true }
                skipValue()
                guard current == UInt8(ascii: ",") else { break }
                position += 1
            }
            position = start
            return false
        }
    }
}
