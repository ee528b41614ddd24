// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The packages that tests make up are real ones to Debian's own tool.
@Suite(
    "A made-up package",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg-deb"), "dpkg-deb is not installed")
)
struct FakePackageTests {
    private func dpkgDeb(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/dpkg-deb")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func isReadByDpkg() throws {
        let package = FakeDebianPackage(
            "hello",
            "1:2.0-1",
            depends: "libc6",
            files: [
                "usr/bin/hello": .executable("#!/bin/sh\n"), "usr/bin/hi": .symlink("hello"),
                "usr/bin/hullo": .hardLink("usr/bin/hello"),
                "etc/hello.conf": .text("x\n").owned(by: 0, 42),
            ],
            control: ["postinst": "#!/bin/sh\n", "conffiles": "/etc/hello.conf\n"]
        )
        let directory = try TemporaryDirectory()
        let path = try directory.write(try package.archive(for: "arm64"), to: "hello.deb")
        #expect(try dpkgDeb(["-f", path, "Version"]) == "1:2.0-1\n")
        #expect(try dpkgDeb(["-f", path, "Architecture"]) == "arm64\n")
        let listing = try dpkgDeb(["-c", path])
        #expect(listing.contains("-rwxr-xr-x") && listing.contains("./usr/bin/hi -> hello"))
        #expect(listing.contains("link to ./usr/bin/hello"))
        #expect(try dpkgDeb(["-I", path, "postinst"]) == "#!/bin/sh\n")
    }
}
