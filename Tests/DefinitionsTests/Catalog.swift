// SPDX-License-Identifier: Apache-2.0

import Definitions
import Foundation
import TestSupport

/// The published definitions of the developers' shared data, unpacked once per run.
enum Catalog {
    /// The folder of one of the two snapshots: `2026-02-27` or `2026-08-22`.
    static func folder(_ date: String) throws -> String {
        let folder = NSTemporaryDirectory() + "basalt-catalog-\(date)"
        if FileManager.default.fileExists(atPath: folder) { return folder }
        // Unpacked aside and put in place in one step: tests run at the same time, and so may other runs.
        let part = folder + ".\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
        let output = try Tool.run("tar", ["-xJf", Shared.path("dhi/catalog-\(date).tar.xz"), "-C", part])
        guard output.status == 0, rename(part, folder) == 0 else {
            try FileManager.default.removeItem(atPath: part)
            return folder
        }
        return folder
    }

    /// Every definition of a snapshot, by its first line.
    static func definitions(_ date: String) throws -> [String] {
        let folder = try folder(date)
        var paths: [String] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where name.hasSuffix(".yaml") {
            let bytes = try Data(contentsOf: URL(filePath: folder + "/" + name), options: .mappedIfSafe)
            if bytes.starts(with: "# syntax=".utf8) { paths.append(folder + "/" + name) }
        }
        return paths.sorted()
    }
}
