// SPDX-License-Identifier: Apache-2.0

/// A stage that builds something from source.
package struct BuildStage: LanguageObject {
    package var mark: Mark
    package var name: Text?
    package var condition: Text?
    package var entitlement: Text?
    package var uses: Text?
    package var workDir: Text?
    package var shell: Text?
    package var privileged: Bool?
    package var environment = TextMap()
    package var caches: [Cache] = []
    package var matrix: [MatrixAxis] = []
    package var contents: StageContents?
    package var pipeline: [PipelineStep] = []
    package var paths: [PathEntry] = []
    package var accounts: Accounts?
    package var outputs: [StageOutput] = []
    package var attestations: [StageAttestation] = []

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<BuildStage>] = [
        .optional("name", \.name, "The stage's name."),
        .optional("if", \.condition, "A condition; without one the stage always runs."),
        .optional("entitlement", \.entitlement, "Who may have what the stage makes."),
        .optional("uses", \.uses, "The image that the stage runs in; without one, a root made of its packages."),
        .optional("work-dir", \.workDir, "The directory that steps run in."),
        .optional("shell", \.shell, "The shell that runs scripts."),
        .optional("privileged", \.privileged, "Whether the stage's steps may use the network."),
        .many("environment", \.environment, "The environment of the steps."),
        .many("caches", \.caches, "Directories that are kept between builds."),
        .many("matrix", \.matrix, "Axes: the stage is repeated for each combination of their items."),
        .optional("contents", \.contents, "What the stage starts from."),
        .many("pipeline", \.pipeline, "The steps."),
        .many("paths", \.paths, "Changes to the stage's file system before the steps."),
        .optional("accounts", \.accounts, "Users and groups of the stage."),
        .many("outputs", \.outputs, "What goes from the stage into the image."),
        .many("attestations", \.attestations, "Statements that the stage makes."),
    ]

    /// A directory that is kept between builds.
    package struct Cache: LanguageObject {
        package var mark: Mark
        package var path: Text = ""
        package var sharing: Word<CacheSharing>?

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<Cache>] = [
            .required("path", \.path, "The directory."),
            .optional("sharing", \.sharing, "Who may use it at the same time."),
        ]
    }

    /// One axis of a matrix.
    package struct MatrixAxis: LanguageObject {
        package var mark: Mark
        package var name: Text?
        package var items: AnyMapping?

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<MatrixAxis>] = [
            .optional("name", \.name, "The axis' name: ${matrix.NAME} is the current item's key."),
            .optional("items", \.items, "The items by key; ${matrix.NAME.FIELD} is a field of the current one."),
        ]
    }
}

/// Something that goes from a stage into the image.
package struct StageOutput: LanguageObject {
    package var mark: Mark
    package var source: Text?
    package var target: Text?
    package var condition: Text?
    package var uid: WholeNumber?
    package var gid: WholeNumber?
    package var mode: Text?
    package var diff: Bool?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<StageOutput>] = [
        .optional("source", \.source, "What, in the stage."),
        .optional("target", \.target, "Where to, in the image."),
        .optional("if", \.condition, "A condition; without one the output always counts."),
        .optional("uid", \.uid, "The owner."),
        .optional("gid", \.gid, "The group."),
        .optional("mode", \.mode, "The mode, as octal digits in quotes."),
        .optional("diff", \.diff, "Whether only what the steps changed is taken."),
    ]
}

/// A statement about the image that a stage makes.
package struct StageAttestation: LanguageObject {
    package var mark: Mark
    package var condition: Text?
    package var predicateType: Text?
    package var source: Text?
    package var diff: Bool?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<StageAttestation>] = [
        .optional("if", \.condition, "A condition; without one the statement is always made."),
        .optional("predicate-type", \.predicateType, "The in-toto predicate type."),
        .optional("source", \.source, "The file with the predicate, in the stage."),
        .optional("diff", \.diff, "Whether the file counts only when the steps changed it."),
    ]
}
