// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// The built program, run as a user runs it.
package enum Basalt {
    /// Beside the test bundle: `swift test` builds the program that a test target depends on.
    package static let path: String = {
        let bundle = CommandLine.arguments.first ?? ""
        var directory = URL(filePath: bundle).deletingLastPathComponent()
        for _ in 0..<4 {
            let candidate = directory.appending(path: "basalt").path
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory), !isDirectory.boolValue {
                return candidate
            }
            directory = directory.deletingLastPathComponent()
        }
        // The test helper of newer toolchains lies elsewhere; the package's own folder does not.
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/release/basalt").path
    }()

    package static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        directory: String? = nil
    ) throws -> Tool.Output {
        try Tool.run(path, arguments, environment: environment, directory: directory)
    }
}
