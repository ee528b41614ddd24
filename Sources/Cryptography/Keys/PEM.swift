// SPDX-License-Identifier: Apache-2.0

/// One block of RFC 7468 text: a label and the bytes that it wraps.
package struct PEM: Hashable, Sendable {
    package var label: String
    package var bytes: [UInt8]

    package init(label: String, bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    /// The text in lines of 64 characters, ending in a newline, as OpenSSL and Go write it.
    package var text: String {
        let body = Base64.encoded(bytes)
        var out = "-----BEGIN \(label)-----\n"
        var index = 0
        while index < body.count {
            let end = min(index + 64, body.count)
            out += String(decoding: body[index..<end], as: UTF8.self) + "\n"
            index = end
        }
        return out + "-----END \(label)-----\n"
    }

    /// All blocks of a text, in order; text between them is skipped, as RFC 7468 section 2 allows.
    ///
    /// - Throws: `.malformed` for more than 1 MiB, an unfinished block, or a body that is not Base64.
    package static func blocks(in text: [UInt8]) throws(KeyError) -> [PEM] {
        guard text.count <= 1 << 20 else { throw KeyError(.malformed, "the text is larger than 1 MiB") }
        var blocks: [PEM] = []
        var label: String?
        var body: [UInt8] = []
        for line in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            var line = line
            while let last = line.last, last == 0x20 || last == 0x09 { line = line.dropLast() }
            let isBoundary =
                line.count > 16 && line.starts(with: "-----".utf8) && line.suffix(5).elementsEqual("-----".utf8)
            if let open = label {
                guard isBoundary else {
                    body.append(contentsOf: line)
                    continue
                }
                guard line.elementsEqual("-----END \(open)-----".utf8) else {
                    throw KeyError(.malformed, "the PEM block '\(open)' has no end of its own")
                }
                guard let bytes = Base64.decode(body) else {
                    throw KeyError(.malformed, "the PEM block '\(open)' is not Base64")
                }
                blocks.append(PEM(label: open, bytes: bytes))
                label = nil
                body = []
            } else if isBoundary, line.starts(with: "-----BEGIN ".utf8) {
                label = String(decoding: line.dropFirst(11).dropLast(5), as: UTF8.self)
            }
        }
        if let label { throw KeyError(.malformed, "the PEM block '\(label)' does not end") }
        return blocks
    }

    /// The first block of a text.
    package init(first text: [UInt8]) throws(KeyError) {
        guard let block = try PEM.blocks(in: text).first else { throw KeyError(.malformed, "it has no PEM block") }
        self = block
    }
}
