// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation

/// `SOURCE_DATE_EPOCH` (reproducible-builds.org's specification): seconds since the epoch, in decimal.
enum SourceDateEpoch {
    static func read() throws -> Int? {
        guard let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"], !text.isEmpty else { return nil }
        guard let value = Int(text), value >= 0, value < 1 << 33 else {
            throw ValidationError("SOURCE_DATE_EPOCH is '\(text)', which is not a number of seconds since the epoch")
        }
        return value
    }
}
