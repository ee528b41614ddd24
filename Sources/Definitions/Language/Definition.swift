// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON

/// A definition of an image, a package or a chart: the root of the language.
///
/// Strings are as they stand in the file; `Plan` holds them with variables substituted, for one platform.
package struct Definition: LanguageObject {
    package var mark: Mark
    package var includes: [Text] = []
    package var track: [Tracker] = []
    package var name: Text?
    package var image: Text?
    package var compression: Word<Compression>?
    package var output: Word<OutputForm>?
    package var entitlement: Word<Entitlement>?
    package var variant: Word<Variant>?
    package var flavor: Text?
    package var tags: [Text] = []
    package var suffix: Text?
    package var platforms: [Word<TargetPlatform>]?
    package var dates: Dates?
    package var vars = TextMap()
    package var contents: Contents?
    package var accounts: Accounts?
    package var osRelease: OSRelease?
    package var workDir: Text?
    package var stopSignal: Text?
    package var environment = TextMap()
    package var paths: [PathEntry] = []
    package var annotations = TextMap()
    package var labels = TextMap()
    package var entrypoint: [Text]?
    package var cmd: [Text]?
    package var ports: [Text] = []
    package var tests: [ImageTest] = []
    package var isFIPSCompliant: Bool?
    package var isSTIGCertified: Bool?

    package init(mark: Mark = Mark()) { self.mark = mark }

    package static let fields: [Field<Definition>] = [
        .many(
            "includes",
            \.includes,
            "Other definition files that this one is merged onto, relative to the repository's root."
        ),
        .many("track", \.track, "Where new versions of dependencies are looked for. Read and checked, not acted on."),
        .optional("name", \.name, "The title of the image, for people."),
        .optional(
            "image",
            \.image,
            "The name of the image: registry and repository.",
            examples: ["registry.example/python"]
        ),
        .optional("compression", \.compression, "The compression of the layers.", defaultValue: "zstd"),
        .optional(
            "output",
            \.output,
            "Whether the image has several layers or a single one ('squashed').",
            defaultValue: "layered"
        ),
        .optional("entitlement", \.entitlement, "Who may have the image or package."),
        .optional("variant", \.variant, "What the image is for.", defaultValue: "runtime"),
        .optional("flavor", \.flavor, "A further distinction within a variant."),
        .many("tags", \.tags, "The tags of the image."),
        .optional("suffix", \.suffix, "A suffix that is appended to each tag."),
        .optional(
            "platforms",
            \.platforms,
            "The platforms to build for.",
            defaultValue: TargetPlatform.defaultJSON
        ),
        .optional("dates", \.dates, "The dates of the image's life cycle."),
        .many("vars", \.vars, "Variables, substituted wherever ${NAME} stands."),
        .optional("contents", \.contents, "What the image is made of."),
        .optional("accounts", \.accounts, "Users and groups, and whom the image runs as."),
        .optional("os-release", \.osRelease, "What /etc/os-release says."),
        .optional("work-dir", \.workDir, "The working directory of the container."),
        .optional("stop-signal", \.stopSignal, "The signal that stops the container."),
        .many("environment", \.environment, "The environment of the container."),
        .many("paths", \.paths, "Changes to the file system after everything is installed."),
        .many("annotations", \.annotations, "Annotations of the image's manifests and index."),
        .many("labels", \.labels, "Labels of the image's configuration."),
        .optional("entrypoint", \.entrypoint, "The command that always runs."),
        .optional("cmd", \.cmd, "The default arguments, or the default command where there is no entrypoint."),
        .many("ports", \.ports, "The ports that the container listens on: a number or a range, and a protocol."),
        .many("tests", \.tests, "Commands that are run to test the image."),
        .optional("fips-compliant", \.isFIPSCompliant, "Whether the image is FIPS compliant.", defaultValue: false),
        .optional("stig-certified", \.isSTIGCertified, "Whether the image is STIG certified.", defaultValue: false),
    ]

    /// The shape of a whole definition, computed once.
    package static let shape: Shape = .object(ObjectShape(fields: fields.map(\.shape)))
}
