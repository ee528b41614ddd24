// SPDX-License-Identifier: Apache-2.0

import Definitions
import Foundation
import TestSupport

/// The published definitions of the developers' shared data, unpacked once per run.
enum Catalog {
    /// The folder of one of the two snapshots: `2026-02-27` or `2026-08-22`.
    static func folder(_ date: String) throws -> String {
        let folder = NSTemporaryDirectory() + "basalt-catalog-\(date)-\(ProcessInfo.processInfo.processIdentifier)"
        if FileManager.default.fileExists(atPath: folder) { return folder }
        try FileManager.default.createDirectory(atPath: folder + ".part", withIntermediateDirectories: true)
        let tar = Process()
        tar.executableURL = URL(filePath: "/usr/bin/env")
        tar.arguments = ["tar", "-xJf", Shared.path("dhi/catalog-\(date).tar.xz"), "-C", folder + ".part"]
        try tar.run()
        tar.waitUntilExit()
        try FileManager.default.moveItem(atPath: folder + ".part", toPath: folder)
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
