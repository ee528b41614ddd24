// SPDX-License-Identifier: Apache-2.0

/// Merges a definition onto what it includes: mappings field by field, lists by appending, everything else by replacing.
enum Merging {
    static func merge(_ base: Value, with other: Value) -> Value {
        switch (base.kind, other.kind) {
        case (.mapping(let lower), .mapping(let upper)):
            var entries = lower
            var places: [String: Int] = [:]
            for (index, entry) in entries.enumerated() { places[entry.key] = index }
            for entry in upper {
                if let place = places[entry.key] {
                    // An image has one command line: appending to another's would be neither.
                    let replaces = entry.key == "entrypoint" || entry.key == "cmd" || entry.key == "platforms"
                    entries[place].value = replaces ? entry.value : merge(entries[place].value, with: entry.value)
                    entries[place].mark = entry.mark
                } else {
                    places[entry.key] = entries.count
                    entries.append(entry)
                }
            }
            return Value(.mapping(entries), mark: other.mark)
        case (.sequence(let lower), .sequence(let upper)):
            return Value(.sequence(lower + upper), mark: other.mark)
        default:
            return other
        }
    }
}
