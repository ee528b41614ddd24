// SPDX-License-Identifier: Apache-2.0

/// Splits a POSIX shell script into words and operators (XCU 2.3), without running or expanding anything.
///
/// Command substitutions are kept apart as scripts of their own, so that what they call is seen too.
struct ShellLexer {
    enum Token: Hashable {
        case word(ShellWord)
        /// `;`, `;;`, `&`, `&&`, `|`, `||`, `(`, `)`, newline.
        case op(String)
        /// A redirection: its operator, and the word after it follows as `target`.
        case redirect(String)
        /// The body of a here-document, at the newline after which it stands.
        case document(String)
    }

    private let bytes: [UInt8]
    private var position = 0
    private(set) var tokens: [Token] = []
    /// Texts of `$( … )` and backticks, in order.
    private(set) var substitutions: [[UInt8]] = []
    private var pendingDocuments: [(delimiter: String, stripsTabs: Bool)] = []
    private var awaitsDelimiter: Bool?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }
    private func peek(_ offset: Int) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    mutating func run() {
        while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0D: position += 1
            case 0x5C where peek(1) == 0x0A: position += 2
            case 0x23:
                while let next = current, next != 0x0A { _ = next; position += 1 }
            case 0x0A:
                position += 1
                tokens.append(.op("\n"))
                readDocuments()
            case 0x3B, 0x26, 0x7C, 0x28, 0x29: readOperator(byte)
            case 0x3C, 0x3E: readRedirection()
            default: readWord()
            }
        }
        readDocuments()
    }

    private mutating func readOperator(_ byte: UInt8) {
        let text = String(UnicodeScalar(byte))
        if (byte == 0x3B || byte == 0x26 || byte == 0x7C) && peek(1) == byte {
            position += 2
            tokens.append(.op(text + text))
        } else {
            position += 1
            tokens.append(.op(text))
        }
    }

    private mutating func readRedirection() {
        var text = ""
        while let byte = current, byte == 0x3C || byte == 0x3E || byte == 0x26 || byte == 0x7C {
            text.unicodeScalars.append(UnicodeScalar(byte))
            position += 1
            if text == ">&" || text == "<&" || text == ">|" || text == ">>" || text == "<>" { break }
        }
        if text.hasPrefix("<<") {
            let stripsTabs = current == 0x2D
            if stripsTabs { position += 1 }
            awaitsDelimiter = stripsTabs
        }
        tokens.append(.redirect(text))
    }

    private mutating func readWord() {
        var word = ShellWord()
        var text: [UInt8] = []
        func flush(_ word: inout ShellWord, _ text: inout [UInt8]) {
            guard !text.isEmpty else { return }
            word.pieces.append(.literal(String(decoding: text, as: UTF8.self)))
            text = []
        }
        var isQuoted = false
        loop: while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D, 0x3B, 0x26, 0x7C, 0x28, 0x29: break loop
            case 0x3C, 0x3E:
                // `2>file`: a descriptor number belongs to the redirection.
                if !isQuoted, word.pieces.isEmpty, !text.isEmpty, text.allSatisfy({ (0x30...0x39).contains($0) }) {
                    return
                }
                break loop
            case 0x5C:
                if peek(1) == 0x0A {
                    position += 2
                } else {
                    if let next = peek(1) { text.append(next) }
                    position += 2
                    isQuoted = true
                }
            case 0x27:
                position += 1
                isQuoted = true
                while let next = current, next != 0x27 {
                    text.append(next)
                    position += 1
                }
                position += 1
                if text.isEmpty && word.pieces.isEmpty { word.pieces.append(.literal("")) }
            case 0x22:
                position += 1
                isQuoted = true
                if current == 0x22, text.isEmpty, word.pieces.isEmpty { word.pieces.append(.literal("")) }
                while let next = current, next != 0x22 {
                    if next == 0x5C, let escaped = peek(1) {
                        if escaped != 0x0A {
                            if ![0x24, 0x60, 0x22, 0x5C].contains(escaped) { text.append(0x5C) }
                            text.append(escaped)
                        }
                        position += 2
                    } else if next == 0x24 || next == 0x60 {
                        flush(&word, &text)
                        word.pieces.append(readExpansion(quoted: true))
                    } else {
                        text.append(next)
                        position += 1
                    }
                }
                position += 1
            case 0x24, 0x60:
                flush(&word, &text)
                word.pieces.append(readExpansion(quoted: false))
            default:
                text.append(byte)
                position += 1
            }
        }
        flush(&word, &text)
        if let stripsTabs = awaitsDelimiter {
            pendingDocuments.append((word.source, stripsTabs))
            awaitsDelimiter = nil
        }
        tokens.append(.word(word))
    }

    /// At `$` or a backtick.
    private mutating func readExpansion(quoted: Bool) -> ShellWord.Piece {
        if current == 0x60 {
            position += 1
            var inner: [UInt8] = []
            while let byte = current, byte != 0x60 {
                if byte == 0x5C, let next = peek(1) {
                    if ![0x24, 0x60, 0x5C].contains(next) { inner.append(byte) }
                    inner.append(next)
                    position += 2
                } else {
                    inner.append(byte)
                    position += 1
                }
            }
            position += 1
            substitutions.append(inner)
            return .unknown
        }
        position += 1
        guard let byte = current else { return .literal("$") }
        func isName(_ byte: UInt8) -> Bool {
            byte == 0x5F || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || (0x30...0x39).contains(byte)
        }
        if byte == 0x28 {
            let isArithmetic = peek(1) == 0x28
            let inner = readBalanced(0x28, 0x29)
            if !isArithmetic { substitutions.append(inner) }
            return .unknown
        }
        if byte == 0x7B {
            let inner = readBalanced(0x7B, 0x7D)
            guard !inner.isEmpty, inner.allSatisfy(isName) else { return .unknown }
            return .variable(String(decoding: inner, as: UTF8.self), quoted: quoted)
        }
        if isName(byte) && !(0x30...0x39).contains(byte) {
            var name: [UInt8] = []
            while let next = current, isName(next) {
                name.append(next)
                position += 1
            }
            return .variable(String(decoding: name, as: UTF8.self), quoted: quoted)
        }
        if (0x30...0x39).contains(byte) || [0x40, 0x2A, 0x23, 0x3F, 0x24, 0x21, 0x2D].contains(byte) {
            position += 1
            return .variable(String(UnicodeScalar(byte)), quoted: quoted)
        }
        return .literal("$")
    }

    /// Reads from an opening bracket to its closing one, quotes respected; the brackets are left out.
    private mutating func readBalanced(_ open: UInt8, _ close: UInt8) -> [UInt8] {
        position += 1
        var depth = 1
        var inner: [UInt8] = []
        var quote: UInt8?
        while let byte = current {
            position += 1
            if byte == 0x5C, quote != 0x27, let next = current {
                inner.append(byte)
                inner.append(next)
                position += 1
                continue
            }
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == 0x27 || byte == 0x22 {
                quote = byte
            } else if byte == open {
                depth += 1
            } else if byte == close {
                depth -= 1
                if depth == 0 { return inner }
            }
            inner.append(byte)
        }
        return inner
    }

    private mutating func readDocuments() {
        let documents = pendingDocuments
        pendingDocuments = []
        for document in documents {
            var body: [UInt8] = []
            while position < bytes.count {
                let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
                var line = bytes[position..<end]
                position = min(end + 1, bytes.count)
                if document.stripsTabs { line = line.drop { $0 == 0x09 } }
                if String(decoding: line, as: UTF8.self) == document.delimiter { break }
                body += line
                body.append(0x0A)
            }
            tokens.append(.document(String(decoding: body, as: UTF8.self)))
        }
    }
}
