// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Debian
import Diagnostics
import Foundation
import Packages
import TestSupport

/// A package file that a test puts together from its parts, good ones or not.
struct DebFile {
    static let canMake = Tool.exists("dpkg-deb") && Tool.exists("ar") && Tool.exists("tar")

    let directory: TemporaryDirectory
    var path: String { directory.path("package.deb") }

    struct Failed: Error { var message: String }

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(Array("2.0\n".utf8), to: "debian-binary")
    }

    func run(_ command: [String]) throws {
        let result = try Tool.run(command[0], Array(command.dropFirst()))
        guard result.status == 0 else { throw Failed(message: "\(command): \(result.stderr)") }
    }

    /// Writes a tar archive beside the package.
    func tar(_ name: String, _ arguments: [String]) throws {
        try run(["tar", "-cf", directory.path(name), "--sort=name", "--owner=0", "--group=0"] + arguments)
    }

    /// Members that make a good package.
    func makeParts() throws {
        let control = "Package: p\nVersion: 1\nArchitecture: all\n"
        try directory.write(Array(control.utf8), to: "parts/control/control")
        try directory.write([], to: "parts/data/usr/share/p")
        try tar("control.tar", ["-C", directory.path("parts/control"), "./control"])
        try tar("data.tar", ["-C", directory.path("parts/data"), "./usr"])
        for name in ["other", "_ignored"] { try directory.write([], to: name) }
    }

    /// Puts members into the package, in this order and no others.
    func assemble(_ names: [String]) throws {
        try? FileManager.default.removeItem(atPath: path)
        try run(["ar", "rcS", path] + names.map { directory.path($0) })
    }

    /// A good package whose data member tar makes with these arguments.
    func build(_ arguments: [String]) throws {
        try makeParts()
        try tar("data.tar", arguments)
        try assemble(["debian-binary", "control.tar", "data.tar"])
    }

    func read() throws -> UnpackedPackage { try DebReader.read(path, archive: .of([]), into: MemorySink()) }

    /// The code of the failure that reading gives; nil when it is read.
    var refusal: String? {
        do {
            _ = try read()
            return nil
        } catch {
            return (error as? any Failure)?.code ?? "\(error)"
        }
    }
}
