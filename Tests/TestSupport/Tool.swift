// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Other people's programs, for differential tests.
package enum Tool {
    package struct Output: Sendable {
        package var status: Int32
        package var stdout: [UInt8]
        package var stderr: String
        package var text: String { String(decoding: stdout, as: UTF8.self) }
        package var lines: [String] { text.split(separator: "\n").map(String.init) }
    }

    /// The program's path, if it is installed.
    package static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return (path + ":/usr/sbin:/sbin").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    package static func exists(_ name: String) -> Bool { find(name) != nil }

    /// Runs a program to its end; its input is empty unless given.
    package static func run(
        _ name: String,
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:],
        directory: String? = nil
    ) throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: find(name) ?? name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        // Files and not pipes: a program that writes much to both would wait for a reader of each.
        let folder = try TemporaryDirectory()
        let (inPath, outPath, errorPath) = (folder.path("in"), folder.path("out"), folder.path("err"))
        try Data(input).write(to: URL(filePath: inPath))
        for path in [outPath, errorPath] { try Data().write(to: URL(filePath: path)) }
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: inPath))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: outPath))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errorPath))
        try process.run()
        process.waitUntilExit()
        return Output(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            stdout: Array(try Data(contentsOf: URL(filePath: outPath))),
            stderr: String(decoding: try Data(contentsOf: URL(filePath: errorPath)), as: UTF8.self)
        )
    }
}
