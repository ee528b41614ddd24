// SPDX-License-Identifier: Apache-2.0

/// Languages and their run-time environments.
extension KnownScripts {
    static let runtimes: [KnownScript] = [
        KnownScript(
            "ca-certificates-java",
            "postinst",
            ["8672ed92f9c56497", "e176d1bd7f4980ae"],
            by: [JavaKeystore.name]
        ),
        KnownScript("ca-certificates-java", "preinst", ["011b474ac98d902a"], upgrade),
        KnownScript("java-common", "postinst", ["4404da122e30c2b9"], by: [PackageFiles.name]),
        KnownScript(
            "openjdk-*-jre-headless",
            "postinst",
            ["338071f23153a6e6", "832cf4ba6891aa2a", "949587b38a5d0df8"],
            by: [PackageFiles.name]
        ),
        KnownScript("python3", "preinst", ["2553750e75e68d17", "9215b78483e144ed"], upgrade),
        KnownScript(
            "python3",
            "postinst",
            ["0674adb1213100e2", "88a6a05e774de297"],
            by: [VerbatimFiles.name],
            byteCode
        ),
        KnownScript("python3-distutils", "postinst", ["6da620b9ae3096c3"], byteCode),
        KnownScript("python3-lib2to3", "postinst", ["bf58221d8a08f3fe"], byteCode),
        KnownScript("python3.*-minimal", "preinst", ["dd31b6995c2b4fb5", "f448a92f97712f08"], by: [PackageFiles.name]),
        KnownScript(
            "python3.*-minimal",
            "postinst",
            ["20d1278f09bc3a81", "ed18e7283f5fd65b"],
            by: [PackageFiles.name],
            byteCode
        ),
        KnownScript(
            "python3.*",
            "postinst",
            [
                "007deaefbc2c5344", "1bfd1ca83e639428", "20d1278f09bc3a81", "5f0dc8648c23a951", "8208ca4fc5db4716",
                "a6bee5b2f9fab93a", "ed18e7283f5fd65b",
            ],
            byteCode
        ),
    ]
}
