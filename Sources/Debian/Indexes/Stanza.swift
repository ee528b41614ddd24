// SPDX-License-Identifier: Apache-2.0

/// One paragraph of a deb822 file (Debian Policy 5.1, deb822(5)): fields in their order, names without regard to case.
///
/// For small files: Release, control, `.sources`. The Packages index has its own reader.
package struct Stanza: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package var name: String
        /// Without the blank after the colon; continuation lines keep their line breaks and lose their first blank.
        package var value: String
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var fields: [Field]

    package init(fields: [Field] = []) { self.fields = fields }

    /// The value of the first field of that name.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.utf8.count == wanted.utf8.count && $0.name.lowercased() == wanted }?.value
    }

    /// The value split at blanks and line breaks.
    package func words(_ name: String) -> [String] {
        guard let value = self[name] else { return [] }
        return value.utf8.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }.map { String(Substring($0)) }
    }

    /// Reads all paragraphs. Comment lines (`#`) are skipped; bytes that are not UTF-8 become replacement characters.
    ///
    /// - Parameter name: what the file is called in messages.
    /// - Throws: `malformed-control` naming the line.
    package static func parse(_ bytes: [UInt8], name: String) throws(DebianError) -> [Stanza] {
        var stanzas: [Stanza] = []
        var current = Stanza()
        var number = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var line = bytes[start..<end]
            start = end + 1
            number += 1
            while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
            guard let first = line.first else {
                if !current.fields.isEmpty { stanzas.append(current) }
                current = Stanza()
                continue
            }
            if first == UInt8(ascii: "#") { continue }
            if first == 0x20 || first == 0x09 {
                guard !current.fields.isEmpty else {
                    throw DebianError(
                        "malformed-control",
                        "\(name):\(number): a continuation line without a field before it"
                    )
                }
                current.fields[current.fields.count - 1].value +=
                    "\n" + String(decoding: line.dropFirst(), as: UTF8.self)
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw DebianError(
                    "malformed-control",
                    "\(name):\(number): '\(String(decoding: line.prefix(60), as: UTF8.self))' is not of the form 'Field: value'"
                )
            }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            current.fields.append(
                Field(
                    name: String(decoding: line[..<colon], as: UTF8.self),
                    value: String(decoding: value, as: UTF8.self)
                )
            )
        }
        if !current.fields.isEmpty { stanzas.append(current) }
        return stanzas
    }
}
