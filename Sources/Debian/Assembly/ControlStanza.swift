// SPDX-License-Identifier: Apache-2.0

/// The one stanza of a package's `control` member, its fields in the order and the spelling of the file.
///
/// Values keep their continuation lines as they stand (`deb-control(5)`); names compare without case.
package struct ControlStanza: Sendable {
    package struct Field: Sendable, Hashable {
        package var name: String
        /// Without the blank after the colon and without the last newline; blanks at the end stay, as dpkg keeps them.
        package var value: String
    }

    package private(set) var fields: [Field]

    /// - Parameter package: named in the error.
    package init(parsing bytes: [UInt8], package: String) throws(AssemblyError) {
        var fields: [Field] = []
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: true) {
            if line.first == 0x20 || line.first == 0x09 {
                guard !fields.isEmpty else { throw Self.malformed(package, line) }
                fields[fields.count - 1].value += "\n" + String(decoding: line, as: UTF8.self)
                continue
            }
            if line.first == 0x23 { continue }
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else {
                throw Self.malformed(package, line)
            }
            let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            fields.append(
                Field(
                    name: String(decoding: line[..<colon], as: UTF8.self),
                    value: String(decoding: value, as: UTF8.self)
                )
            )
        }
        self.fields = fields
        guard self["Package"] != nil, self["Version"] != nil, self["Architecture"] != nil else {
            throw AssemblyError(
                .badControl,
                "the control file of \(package) lacks Package, Version or Architecture",
                hint: "the package file is broken; fetch it again or choose another version"
            )
        }
    }

    private static func malformed(_ package: String, _ line: some Sequence<UInt8>) -> AssemblyError {
        let text = String(decoding: Array(line.prefix(60)), as: UTF8.self)
        return AssemblyError(.badControl, "the control file of \(package) has the line '\(text)', which is no field")
    }

    package subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        return fields.first { $0.name.lowercased() == wanted }?.value
    }

    /// Sets a field's value in place, or adds it at the end.
    package mutating func set(_ name: String, _ value: String) {
        if let index = fields.firstIndex(where: { $0.name == name }) {
            fields[index].value = value
        } else {
            fields.append(Field(name: name, value: value))
        }
    }

    package mutating func remove(_ name: String) { fields.removeAll { $0.name == name } }

    package var name: String { word("Package") }
    package var version: String { word("Version") }
    package var architecture: String { word("Architecture") }
    private func word(_ field: String) -> String { String((self[field] ?? "").trimmed) }

    /// The name that dpkg gives the package's files in `info/`: with the architecture for `Multi-Arch: same`.
    package var infoName: String { word("Multi-Arch") == "same" ? "\(name):\(architecture)" : name }
}
