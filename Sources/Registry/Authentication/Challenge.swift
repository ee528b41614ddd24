// SPDX-License-Identifier: Apache-2.0

/// What a registry wants to see before it answers (RFC 9110 section 11.6.1; the Bearer scheme as in the distribution
/// project's token specification).
struct Challenge: Sendable, Equatable {
    /// Lower case: `bearer`, `basic`.
    var scheme: String
    /// Names in lower case.
    var parameters: [String: String]

    /// Reads one WWW-Authenticate field, which may hold several challenges.
    static func parse(_ field: String) -> [Challenge] {
        var challenges: [Challenge] = []
        var scanner = Scanner(bytes: Array(field.utf8))
        while true {
            scanner.skip { $0 == 0x20 || $0 == 0x09 || $0 == UInt8(ascii: ",") }
            let word = scanner.token()
            if word.isEmpty { break }
            scanner.skip { $0 == 0x20 || $0 == 0x09 }
            if scanner.take(UInt8(ascii: "=")) {
                // A parameter of the challenge begun last.
                scanner.skip { $0 == 0x20 || $0 == 0x09 }
                let value = scanner.take(UInt8(ascii: "\"")) ? scanner.quoted() : scanner.token()
                if !challenges.isEmpty { challenges[challenges.count - 1].parameters[word.lowercased()] = value }
            } else {
                challenges.append(Challenge(scheme: word.lowercased(), parameters: [:]))
            }
        }
        return challenges
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        mutating func skip(while matches: (UInt8) -> Bool) {
            while position < bytes.count, matches(bytes[position]) { position += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func token() -> String {
            let start = position
            skip { $0 > 0x20 && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        /// The rest of a quoted string, whose opening quote is behind.
        mutating func quoted() -> String {
            var out: [UInt8] = []
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
                if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
                out.append(bytes[position])
                position += 1
            }
            // The closing quote, which may be missing.
            position = min(position + 1, bytes.count)
            return String(decoding: out, as: UTF8.self)
        }
    }
}
