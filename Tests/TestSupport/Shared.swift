// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Real data and other projects' test vectors, which lie beside the project for its developers and are not part of it.
/// A test that needs them is enabled only where they are: `.enabled(if: Shared.exists, Shared.reason)`.
package enum Shared {
    /// `$BASALT_SHARED`, or the folder `shared` beside the project's own.
    package static let root: String = {
        if let path = ProcessInfo.processInfo.environment["BASALT_SHARED"] { return path }
        // Tests/TestSupport/Shared.swift is three levels below the project's root.
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared").path
    }()

    package static var exists: Bool { FileManager.default.fileExists(atPath: root) }

    /// What a skipped test says.
    package static let reason = "the developers' shared data is not beside the project (BASALT_SHARED)"

    /// The path of something below the shared folder.
    package static func path(_ relative: String) -> String { root + "/" + relative }

    /// The bytes of a shared file.
    package static func bytes(_ relative: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(relative))))
    }
}
