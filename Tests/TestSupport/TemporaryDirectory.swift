// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A directory of a test's own; removed with the last reference.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        let name = "basalt-test-\(ProcessInfo.processInfo.processIdentifier)-\(UInt64.random(in: 0 ... .max))"
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in it.
    package func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file, making the directories above it.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let url = URL(filePath: path(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return path(name)
    }

    /// Relative paths of all files below, in byte order.
    package func files(below name: String = "") -> [String] {
        let root = name.isEmpty ? path : path(name)
        var files: [String] = []
        for case let file as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: root + "/" + file, isDirectory: &isDirectory),
                !isDirectory.boolValue
            {
                files.append(file)
            }
        }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
