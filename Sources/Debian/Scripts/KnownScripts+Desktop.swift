// SPDX-License-Identifier: Apache-2.0

/// Fonts, graphics and documents.
extension KnownScripts {
    static let desktop: [KnownScript] = [
        KnownScript(
            "fontconfig-config",
            "postinst",
            ["1c33ffa13854378f", "676b0fca4f0ea4bd"],
            by: [PackageFiles.name]
        ),
        KnownScript("libglib2.0-0", "postinst", ["58621a9b84d40260"], upgrade),
        KnownScript("sgml-base", "preinst", ["60afe31b6acf9620"], by: [PackageFiles.name]),
        KnownScript(
            "sgml-base",
            "postinst",
            ["ae1b64bc82c89d15"],
            by: [LocalDirectories.name, PackageFiles.name],
            "the catalogue of SGML catalogues is not made"
        ),
        KnownScript(
            "fontconfig",
            "postinst",
            ["6426c85ddbb23fde"],
            by: [PackageFiles.name],
            "programs make their font cache themselves"
        ),
        KnownScript("hicolor-icon-theme", "postinst", ["2e4eb5ed25ff4e1d"], "programs go without the icon cache"),
        KnownScript(
            "libgdk-pixbuf-2.0-0",
            "postinst",
            ["4fe608b956ca476c"],
            "the cache of image loaders is not supported: only built-in formats are read"
        ),
        KnownScript(
            "libgtk-3-0t64",
            "postinst",
            ["ca3d9dfeda0aaa0a"],
            "the cache of input methods is not supported: only built-in ones are found"
        ),
        KnownScript(
            "libgstreamer1.0-0",
            "postinst",
            ["f4b98efd63bf7f95"],
            "the helper for precision time gets no capabilities"
        ),
        KnownScript("poppler-data", "postinst", ["9cc5152a798c4b6a"], "Ghostscript's font map is not made"),
        KnownScript(
            "fonts-urw-base35",
            "postinst",
            ["6efa43d8f7d8a145"],
            "indexes of fonts for X and Ghostscript are not made"
        ),
    ]
}
