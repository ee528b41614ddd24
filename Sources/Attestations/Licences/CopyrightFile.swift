// SPDX-License-Identifier: Apache-2.0

/// A Debian copyright file in the machine-readable format 1.0 (DEP-5): the licences of a package's files.
package struct CopyrightFile: Sendable {
    /// Larger files are not read: the largest in the archive has about 2 MB.
    package static let limit = 8 << 20

    /// The licence over all files of the package: everything that any of its `Files` paragraphs names.
    package let licence: Licence

    /// nil when the file is not in the machine-readable format, or names no licence.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= CopyrightFile.limit else { return nil }
        let paragraphs = CopyrightFile.paragraphs(bytes)
        // "The first field in the file must be Format" (copyright-format 1.0, section 6.1); older drafts said Format-Specification.
        guard let header = paragraphs.first,
            header.contains(where: { $0.name == "format" || $0.name == "format-specification" })
        else { return nil }
        var names: [String] = []
        var texts: [String: String] = [:]
        for paragraph in paragraphs {
            guard let field = paragraph.first(where: { $0.name == "license" }) else { continue }
            let name = field.value.split(separator: " ").joined(separator: " ")
            if !field.text.isEmpty && texts[name.lowercased()] == nil { texts[name.lowercased()] = field.text }
            if paragraph.contains(where: { $0.name == "files" }) && !name.isEmpty && !names.contains(name) {
                names.append(name)
            }
        }
        var nodes: [LicenceExpression.Node] = []
        for name in names {
            var parser = LicenceExpression(name)
            nodes.append(parser.parse() ?? .name(name))
        }
        guard !nodes.isEmpty else { return nil }
        var extracted: [Licence.Extracted] = []
        let expression = LicenceExpression.Node.all(nodes).rendered { name in
            if let known = LicenceNames.spdx(name) { return known }
            let reference = Licence.Extracted.named(name, text: texts[name.lowercased()])
            extracted.append(reference)
            return reference.identifier
        }
        licence = Licence(expression: expression, extracted: extracted)
    }

    private struct Field {
        /// In lower case.
        var name: String
        /// The first line.
        var value: String
        /// The continuation lines, one leading blank removed, `.` lines made empty.
        var text: String
    }

    private static func paragraphs(_ bytes: [UInt8]) -> [[Field]] {
        var paragraphs: [[Field]] = []
        var fields: [Field] = []
        for raw in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            var line = raw
            while let last = line.last, last == 0x20 || last == 0x0D || last == 0x09 { line = line.dropLast() }
            if line.isEmpty {
                if !fields.isEmpty { paragraphs.append(fields) }
                fields = []
            } else if let first = line.first, first == 0x20 || first == 0x09 {
                guard !fields.isEmpty else { continue }
                var text = line.dropFirst()
                if text.elementsEqual([0x2E]) { text = [] }
                let index = fields.count - 1
                if !fields[index].text.isEmpty || text.isEmpty { fields[index].text += "\n" }
                fields[index].text += String(decoding: text, as: UTF8.self)
            } else if let colon = line.firstIndex(of: 0x3A) {
                var value = line[(colon + 1)...]
                while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
                fields.append(
                    Field(
                        name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                        value: String(decoding: value, as: UTF8.self),
                        text: ""
                    )
                )
            }
        }
        if !fields.isEmpty { paragraphs.append(fields) }
        return paragraphs
    }
}
