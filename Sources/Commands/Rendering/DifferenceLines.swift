// SPDX-License-Identifier: Apache-2.0

internal import Comparison
internal import Cryptography
internal import Diagnostics
internal import FileTree

/// Lines about differences, for people.
enum DifferenceLines {
    /// `field  before -> after`, or what only one side has; long values cut.
    static func field(_ field: FieldDifference, limit: Int = 120) -> String {
        let name = PlainText.of(field.field)
        func text(_ value: String) -> String { value.isEmpty ? "''" : PlainText.of(value, limit: limit) }
        switch (field.before, field.after) {
        case (let before?, let after?): return "\(name)  \(text(before)) -> \(text(after))"
        case (let before?, nil): return "\(name)  - \(text(before))"
        case (nil, let after?): return "\(name)  + \(text(after))"
        case (nil, nil): return name
        }
    }

    /// `~ usr/bin/x  mode 0755 -> 0700, content … (package coreutils, layer 3)`
    static func file(_ file: FileDifference, withTime: Bool = true) -> String {
        let mark =
            switch file.kind {
            case .added: "+"
            case .removed: "-"
            case .changed: "~"
            }
        var details: [String] = []
        if file.kind == .changed {
            details = file.fields.filter { withTime || $0.field != "time" }.map { field in
                "\(field.field) \(field.before ?? "none") -> \(field.after ?? "none")"
            }
        }
        if let content = file.content {
            let size =
                content.sizeBefore == content.sizeAfter
                ? "\(content.sizeAfter) bytes" : "\(content.sizeBefore) -> \(content.sizeAfter) bytes"
            details.append(
                "content \(content.before.hex.prefix(12)) -> \(content.after.hex.prefix(12)), \(size)"
                    + (content.offset.map { ", first difference at byte \($0)" } ?? "")
            )
        }
        let place = (file.origin.map { "\($0), " } ?? "") + "layer \(file.layer + 1)"
        return "\(mark) \(PlainText.of(file.path.bytes, limit: 4096))"
            + (details.isEmpty ? "" : "  " + details.joined(separator: "; ")) + "  (\(PlainText.of(place)))"
    }
}
