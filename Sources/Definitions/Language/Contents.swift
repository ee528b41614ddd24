// SPDX-License-Identifier: Apache-2.0

/// What an image is made of.
package struct Contents: LanguageObject {
    package var mark: Mark
    package var repositories: [Text] = []
    package var keyring: [Text] = []
    package var packages: [Text] = []
    package var files: [RemoteFile] = []
    package var builds: [BuildStage] = []
    package var mappings = TextMap()
    package var artifacts: [OCIArtifact] = []

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<Contents>] = [
        .many(
            "repositories",
            \.repositories,
            "Package repositories: apk URLs in priority order, or one-line apt sources beyond the distribution's own."
        ),
        .many(
            "keyring",
            \.keyring,
            "Public keys that sign the repositories: URLs, or paths in the repository of definitions."
        ),
        .many("packages", \.packages, "Packages: name, name=version, or !name to keep one out."),
        .many("files", \.files, "Files that are downloaded."),
        .many("builds", \.builds, "Build stages, whose outputs become part of the image."),
        .many("mappings", \.mappings, "Package URLs that replace a package's own in bills of materials."),
        .many("artifacts", \.artifacts, "Parts of other images."),
    ]
}

/// What a build stage is made of: the same without stages of its own.
package struct StageContents: LanguageObject {
    package var mark: Mark
    package var repositories: [Text] = []
    package var keyring: [Text] = []
    package var packages: [Text] = []
    package var files: [RemoteFile] = []
    package var mappings = TextMap()
    package var artifacts: [OCIArtifact] = []

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<StageContents>] = [
        .many("repositories", \.repositories, "Package repositories."),
        .many("keyring", \.keyring, "Public keys that sign the repositories."),
        .many("packages", \.packages, "Packages: name, name=version, or !name to keep one out."),
        .many("files", \.files, "Files that are downloaded."),
        .many("mappings", \.mappings, "Package URLs that replace a package's own in bills of materials."),
        .many("artifacts", \.artifacts, "Parts of other images."),
    ]
}

/// A file, archive or git tree that is downloaded.
package struct RemoteFile: LanguageObject {
    package var mark: Mark
    package var url: Text?
    package var condition: Text?
    package var checksum: Text?
    package var path: Text?
    package var includes: [Text] = []
    package var excludes: [Text] = []
    package var platforms: [Word<TargetPlatform>]?
    package var spdx: SPDXNote?
    package var uid: WholeNumber?
    package var gid: WholeNumber?
    package var mode: Text?
    package var secretID: Text?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<RemoteFile>] = [
        .optional("url", \.url, "Where it is: an https URL, or a git URL with a '#' and a commit or tag."),
        .optional("if", \.condition, "A condition; without one the file is always taken."),
        .optional("checksum", \.checksum, "sha256:…, sha512:…, a git commit, or the URL of a checksum file."),
        .optional("path", \.path, "Where it is put."),
        .many("includes", \.includes, "Globs of what is taken from it."),
        .many("excludes", \.excludes, "Globs of what is left out."),
        .optional("platforms", \.platforms, "The platforms it is for.", defaultValue: TargetPlatform.defaultJSON),
        .optional("spdx", \.spdx, "What bills of materials say of it."),
        .optional("uid", \.uid, "Its owner."),
        .optional("gid", \.gid, "Its group."),
        .optional("mode", \.mode, "Its mode, as octal digits in quotes."),
        .optional("secret-id", \.secretID, "The secret with which it is downloaded."),
    ]

    /// What bills of materials say of a file.
    package struct SPDXNote: LanguageObject {
        package var mark: Mark
        package var name: Text?
        package var version: Text?
        package var packages: [SPDXPackage] = []

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<SPDXNote>] = [
            .optional("name", \.name, "The component's name."),
            .optional("version", \.version, "The component's version."),
            .many("packages", \.packages, "The packages that it holds."),
        ]
    }

    /// A package within a downloaded file.
    package struct SPDXPackage: LanguageObject {
        package var mark: Mark
        package var name: Text?
        package var purl: Text?
        package var license: Text?
        package var path: Text?

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<SPDXPackage>] = [
            .optional("name", \.name, "The package's name."),
            .optional("purl", \.purl, "Its package URL."),
            .optional("license", \.license, "Its licence, as an SPDX expression."),
            .optional("path", \.path, "Where it is within the file."),
        ]
    }
}

/// A part of another image.
package struct OCIArtifact: LanguageObject {
    package var mark: Mark
    package var name: Text?
    package var condition: Text?
    package var includes: [Text] = []
    package var excludes: [Text] = []
    package var uid: WholeNumber?
    package var gid: WholeNumber?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<OCIArtifact>] = [
        .optional("name", \.name, "The image, by digest."),
        .optional("if", \.condition, "A condition; without one the artifact is always taken."),
        .many("includes", \.includes, "Globs of what is taken; without any, everything."),
        .many("excludes", \.excludes, "Globs of what is left out."),
        .optional("uid", \.uid, "The owner of what is taken."),
        .optional("gid", \.gid, "The group of what is taken."),
    ]
}
