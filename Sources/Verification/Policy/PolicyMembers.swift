// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography

/// The members of an object in a trust policy. One that is there and not of its type is an error and never as if it were not
/// there: that would leave out the check that it asks for.
struct PolicyMembers {
    private let json: JSON
    /// What errors call the object.
    private let place: String

    /// - Throws: `malformed-policy` for what is no object, and for a member that is not known.
    init(_ json: JSON, of place: String, known: [String]) throws(VerificationError) {
        self.json = json
        self.place = place
        guard let members = json.members else {
            throw VerificationError("malformed-policy", "\(place) is no JSON object")
        }
        for (name, _) in members where !known.contains(name) {
            throw VerificationError(
                "malformed-policy",
                "\(place) has a member '\(name)' that means nothing here",
                hint: "known are \(known.joined(separator: ", "))"
            )
        }
    }

    func malformed(_ name: String, _ what: String) -> VerificationError {
        VerificationError("malformed-policy", "'\(name)' in \(place) is \(what)")
    }

    func has(_ name: String) -> Bool { json[name] != nil }

    // Each gives nil where the member is not there.

    private func value<Value>(
        _ name: String,
        _ what: String,
        _ read: (JSON) -> Value?
    ) throws(VerificationError) -> Value? {
        guard let json = json[name] else { return nil }
        guard let value = read(json) else { throw malformed(name, what) }
        return value
    }

    func text(_ name: String) throws(VerificationError) -> String? { try value(name, "no string", \.text) }

    func flag(_ name: String) throws(VerificationError) -> Bool? {
        try value(name, "neither true nor false", \.boolean)
    }

    func strings(_ name: String) throws(VerificationError) -> [String]? {
        try value(name, "no list of strings") { json in
            guard let list = json.elements, list.allSatisfy({ $0.text != nil }) else { return nil }
            return list.compactMap(\.text)
        }
    }

    /// A list of what is permitted. Without the member anything is; an empty one is an error, for it would permit nothing, and
    /// must not be taken for a list that is not there.
    func permitted(_ name: String) throws(VerificationError) -> [String]? {
        let list = try strings(name)
        if list?.isEmpty == true { throw malformed(name, "empty: leave it out where anything is permitted") }
        return list
    }

    func list(_ name: String) throws(VerificationError) -> [JSON]? { try value(name, "no list", \.elements) }

    func number(_ name: String, in range: ClosedRange<Int>) throws(VerificationError) -> Int? {
        try value(name, "no whole number from \(range.lowerBound) to \(range.upperBound)") { json in
            json.int.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func digest(_ name: String) throws(VerificationError) -> Digest? {
        try value(name, "no digest") { $0.text.flatMap { Digest($0) } }
    }

    /// A member that is one of an enumeration's names.
    func choice<Value>(_ name: String) throws(VerificationError) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        try value(name, "none of " + Value.allCases.map(\.rawValue).joined(separator: ", ")) { json in
            json.text.flatMap { Value(rawValue: $0) }
        }
    }
}
