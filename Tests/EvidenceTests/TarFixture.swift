// SPDX-License-Identifier: Apache-2.0

/// Writes small ustar archives (POSIX.1-1988), independent of the program's own writer.
enum TarFixture {
    static func archive(_ files: [(String, String)]) -> [UInt8] {
        var out: [UInt8] = []
        for (path, text) in files {
            let content = Array(text.utf8)
            var header = [UInt8](repeating: 0, count: 512)
            func put(_ text: String, at offset: Int) {
                for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
            }
            func octal(_ value: Int, _ width: Int) -> String {
                let digits = String(value, radix: 8)
                return String(repeating: "0", count: width - digits.count) + digits
            }
            put(path, at: 0)
            put(octal(0o644, 7), at: 100)
            put(octal(0, 7), at: 108)
            put(octal(0, 7), at: 116)
            put(octal(content.count, 11), at: 124)
            put(octal(0, 11), at: 136)
            put("        0", at: 148)
            put("ustar\u{0}00", at: 257)
            put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
            out += header
            out += content
            out += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
        }
        return out + [UInt8](repeating: 0, count: 1024)
    }
}
