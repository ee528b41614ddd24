// SPDX-License-Identifier: Apache-2.0

package import FileTree

extension TreePath {
    /// The path as JSON text: UTF-8 as it is, every other byte (and the backslash) as `\xHH`, so that no two paths have
    /// one text.
    package var evidenceText: String {
        if !bytes.contains(0x5C), let text = String(validating: bytes, as: UTF8.self) { return text }
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = (1...4).first { count in
                rest.count >= count && rest.first != 0x5C
                    && String(validating: rest.prefix(count), as: UTF8.self) != nil
            }
            if let length {
                out.append(contentsOf: rest.prefix(length))
                rest = rest.dropFirst(length)
            } else if let byte = rest.popFirst() {
                out += [0x5C, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
