// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

extension LintPass {
    mutating func checkIdentity() {
        let image = definition.image.map { value($0) }
        if let image, let text = definition.image, !image.contains("/") {
            warn(
                "image-without-registry", "the image's name '\(image)' has no registry",
                hint: "write it as registry/name", at: text.mark)
        }
        var seen: [String: Mark] = [:]
        for text in definition.tags {
            let tag = value(text) + (definition.suffix.map { value($0) } ?? "")
            if let first = seen[tag] {
                warn("duplicate-tag", "the tag '\(tag)' stands twice (first in \(line(first)))", at: text.mark)
                continue
            }
            seen[tag] = text.mark
            if !Self.isTag(tag) {
                warn(
                    "invalid-tag", "'\(tag)' is not a tag that registries take",
                    hint: "letters, digits, '_', '.' and '-', at most 128, not beginning with '.' or '-'", at: text.mark)
            }
            if let image {
                let problem = document.diagnostic(.warning, "duplicate-tag", "", at: text.mark)
                tags.append(.init(image: image, tag: tag, location: problem.location, excerpt: problem.excerpt))
            }
        }
        if let platforms = definition.platforms, platforms.isEmpty {
            warn("no-platforms", "the definition is for no platform, so nothing is built", at: definition.mark)
        }
        checkActions()
    }

    /// OCI distribution specification: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
    private static func isTag(_ tag: String) -> Bool {
        guard (1...128).contains(tag.utf8.count), let first = tag.utf8.first else { return false }
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
        return isWord(first) && tag.utf8.allSatisfy { isWord($0) || $0 == 0x2E || $0 == 0x2D }
    }

    mutating func checkDates() {
        guard let dates = definition.dates else { return }
        let fields: [(String, Text?)] = [
            ("release", dates.release), ("end-of-life", dates.endOfLife), ("end-of-support", dates.endOfSupport),
        ]
        for (name, text) in fields {
            guard let text else { continue }
            let date = value(text)
            guard CalendarDate.isValid(date) else {
                warn("invalid-date", "dates.\(name) '\(date)' is not a date", hint: "write it as YYYY-MM-DD", at: text.mark)
                continue
            }
            if name == "end-of-life", let today, date < today {
                warn("end-of-life", "the end of life, \(date), is in the past", at: text.mark)
            }
        }
        if let release = dates.release.map({ value($0) }), let end = dates.endOfLife, CalendarDate.isValid(release),
            CalendarDate.isValid(value(end)), value(end) < release
        {
            warn("invalid-date", "the end of life, \(value(end)), is before the release, \(release)", at: end.mark)
        }
    }

    mutating func checkPorts() {
        guard let accounts = definition.accounts, let runAs = accounts.runAs.map({ value($0) }) else { return }
        let user = accounts.users.first { value($0.name) == runAs }
        let isRoot = runAs == "root" || runAs == "0" || user?.uid.value == 0
        var seen: [String: Mark] = [:]
        for text in definition.ports {
            guard let port = Plan.Port(value(text)) else { continue }
            if port.first < 1024, !isRoot {
                warn(
                    "privileged-port", "port \(port.text) is below 1024, and the image runs as '\(runAs)'",
                    hint: "listen on a port from 1024 up", at: text.mark)
            }
            if let first = seen[port.text] {
                warn("duplicate-port", "the port \(port.text) stands twice (first in \(line(first)))", at: text.mark)
            }
            seen[port.text] = text.mark
        }
    }
}

/// Days as the language writes them.
enum CalendarDate {
    /// Whether a text is a day of the Gregorian calendar as `YYYY-MM-DD`. Such texts order as the days do.
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month), day >= 1
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= days[month - 1]
    }
}
