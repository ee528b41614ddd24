// SPDX-License-Identifier: Apache-2.0

/// The dates of an image's life cycle, as ISO 8601 dates.
package struct Dates: LanguageObject {
    package var mark: Mark
    package var type: Text?
    package var url: Text?
    package var release: Text?
    package var endOfLife: Text?
    package var endOfSupport: Text?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<Dates>] = [
        .optional("type", \.type, "The kind of source the dates come from."),
        .optional("url", \.url, "Where the dates come from."),
        .optional("release", \.release, "When this version was released.", examples: ["2025-06-11"]),
        .optional("end-of-life", \.endOfLife, "When it stops being maintained."),
        .optional("end-of-support", \.endOfSupport, "When it stops being supported."),
    ]
}

/// The content of `/etc/os-release`.
package struct OSRelease: LanguageObject {
    package var mark: Mark
    package var name: Text?
    package var id: Text?
    package var idLike: Text?
    package var versionID: Text?
    package var versionCodename: Text?
    package var prettyName: Text?
    package var homeURL: Text?
    package var bugReportURL: Text?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<OSRelease>] = [
        .optional("name", \.name, "NAME: the system's name."),
        .optional("id", \.id, "ID: decides the distribution, unless id-like does.", examples: ["debian", "alpine"]),
        .optional(
            "id-like",
            \.idLike,
            "ID_LIKE: the distributions that this one is derived from.",
            rule: StringRule(pattern: Pattern.literal("^[a-z0-9._-]+( [a-z0-9._-]+)*$"))
        ),
        .optional("version-id", \.versionID, "VERSION_ID: the release.", examples: ["13", "3.23"]),
        .optional("version-codename", \.versionCodename, "VERSION_CODENAME: Debian's name of the release."),
        .optional("pretty-name", \.prettyName, "PRETTY_NAME: the name that people are shown."),
        .optional("home-url", \.homeURL, "HOME_URL."),
        .optional("bug-report-url", \.bugReportURL, "BUG_REPORT_URL."),
    ]
}

/// A test of the built image.
package struct ImageTest: LanguageObject {
    package var mark: Mark
    package var name: Text?
    package var directory: Text?
    package var commands: [Text] = []
    package var exitCode: WholeNumber?
    package var timeout: WholeNumber?
    package var output: Text?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<ImageTest>] = [
        .optional("name", \.name, "The test's name."),
        .optional("directory", \.directory, "Where the commands run, relative to the repository's root."),
        .many("commands", \.commands, "What is run."),
        .needed("exit-code", \.exitCode, "The exit code that the commands must end with."),
        .optional("timeout", \.timeout, "Seconds after which the test has failed."),
        .optional("output", \.output, "A text that must be part of the output."),
    ]
}
