// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// Where two JSON documents differ, value by value.
package struct DocumentDifference: Sendable {
    package private(set) var fields: [FieldDifference] = []
    /// How many more there are than are listed.
    package private(set) var omitted = 0
    private let limit: Int

    /// - Parameter limit: the most differences that are listed.
    package init(_ before: JSON, _ after: JSON, limit: Int = 20) {
        self.limit = limit
        compare(before, after, at: JSONPath())
    }

    package var isEmpty: Bool { fields.isEmpty }

    private mutating func add(_ path: JSONPath, _ before: JSON?, _ after: JSON?) {
        guard fields.count < limit else {
            omitted += 1
            return
        }
        func text(_ json: JSON) -> String { json.text ?? String(decoding: json.canonical, as: UTF8.self) }
        fields.append(FieldDifference(path.description, before.map(text), after.map(text)))
    }

    private mutating func compare(_ before: JSON, _ after: JSON, at path: JSONPath) {
        switch (before, after) {
        case (.object(let a), .object(let b)):
            let left = Dictionary(a, uniquingKeysWith: { first, _ in first })
            let right = Dictionary(b, uniquingKeysWith: { first, _ in first })
            for name in Set(left.keys).union(right.keys).sorted(by: JSON.precedes) {
                switch (left[name], right[name]) {
                case (let x?, let y?): compare(x, y, at: path / name)
                case (let x, let y): add(path / name, x, y)
                }
            }
        case (.array(let a), .array(let b)):
            // What both begin and end with is no difference; of the rest, the same number on both sides is compared one by
            // one, and another number is taken as removed and added.
            let left = a.map(\.canonical)
            let right = b.map(\.canonical)
            let common = min(a.count, b.count)
            var start = 0
            while start < common, left[start] == right[start] { start += 1 }
            var end = 0
            while end < common - start, left[a.count - 1 - end] == right[b.count - 1 - end] { end += 1 }
            if a.count == b.count {
                for index in start..<(a.count - end) { compare(a[index], b[index], at: path / index) }
            } else {
                for index in start..<(a.count - end) { add(path / index, a[index], nil) }
                for index in start..<(b.count - end) { add(path / index, nil, b[index]) }
            }
        default:
            if before != after { add(path, before, after) }
        }
    }
}
