// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// A size as people write it: `40MB`, `1.5GB`, `123456`; decimal units.
struct ByteCount: ExpressibleByArgument, Hashable {
    var bytes: Int

    init?(argument: String) {
        let units = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1)]
        let unit = units.first { argument.hasSuffix($0.0) } ?? ("", 1)
        guard let number = Double(argument.dropLast(unit.0.count)), number > 0, number * Double(unit.1) < 1e15 else {
            return nil
        }
        bytes = Int(number * Double(unit.1))
    }
}
