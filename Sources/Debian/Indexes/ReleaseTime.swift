// SPDX-License-Identifier: Apache-2.0

/// The times of Release files: RFC 5322 dates in UTC, `Sat, 12 Sep 2026 07:55:41 UTC`.
package enum ReleaseTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since the epoch; nil when the text is not such a date or names another zone than UTC.
    package static func seconds(_ text: String) -> Int? {
        var words = text.utf8.split { $0 == 0x20 || $0 == 0x2C }.map { String(Substring($0)) }
        if let first = words.first, Int(first) == nil { words.removeFirst() }
        guard words.count == 5, ["UTC", "GMT", "Z", "+0000", "-0000"].contains(words[4]),
            let day = Int(words[0]), let month = months.firstIndex(of: words[1]), let year = Int(words[2])
        else { return nil }
        let clock = words[3].utf8.split(separator: 0x3A).compactMap { Int(Substring($0)) }
        guard clock.count == 3, (1...31).contains(day), (1970...9999).contains(year),
            (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        return days(year: year, month: month + 1, day: day) * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    /// `2026-11-25 22:17:43 UTC`, for messages.
    package static func text(_ seconds: Int) -> String {
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        var year = 1970
        while days < 0 {
            year -= 1
            days += length(of: year)
        }
        while days >= length(of: year) {
            days -= length(of: year)
            year += 1
        }
        var month = 1
        while days >= length(of: month, year) {
            days -= length(of: month, year)
            month += 1
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(year)-\(two(month))-\(two(days + 1)) \(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60)) UTC"
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    private static func length(of year: Int) -> Int { isLeap(year) ? 366 : 365 }

    private static func length(of month: Int, _ year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        var days = day - 1
        for month in 1..<month { days += length(of: month, year) }
        let before = year - 1
        days += before * 365 + before / 4 - before / 100 + before / 400
        return days - (1969 * 365 + 1969 / 4 - 1969 / 100 + 1969 / 400)
    }
}
