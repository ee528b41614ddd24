// SPDX-License-Identifier: Apache-2.0

/// A step of a stage: a script, or an action with arguments.
package struct PipelineStep: LanguageObject {
    package var mark: Mark
    package var name: Text?
    package var condition: Text?
    package var uses: Text?
    package var runAs: Text?
    package var workDir: Text?
    package var shell: Text?
    package var privileged: Bool?
    package var environment = TextMap()
    package var caches: [BuildStage.Cache] = []
    package var secrets: [Secret] = []
    package var arguments: AnyMapping?
    package var runs: Text?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<PipelineStep>] = [
        .optional("name", \.name, "The step's name."),
        .optional("if", \.condition, "A condition; without one the step always runs."),
        .optional(
            "uses",
            \.uses,
            "The action: a built-in one, or an image.",
            rule: StringRule(suggestions: Action.builtIn)
        ),
        .optional("run-as", \.runAs, "The user that the step runs as."),
        .optional("work-dir", \.workDir, "The directory that the step runs in."),
        .optional("shell", \.shell, "The shell that runs the script."),
        .optional("privileged", \.privileged, "Whether the step may use the network."),
        .many("environment", \.environment, "The environment of the step."),
        .many("caches", \.caches, "Directories that are kept between builds."),
        .many("secrets", \.secrets, "Secrets that the step gets."),
        .optional("with", \.arguments, "The arguments of the action."),
        .optional("runs", \.runs, "The script."),
    ]

    /// A secret that a step gets as an environment variable.
    package struct Secret: LanguageObject {
        package var mark: Mark
        package var id: Text = ""
        package var condition: Text?
        package var env: Text = ""
        package var optional: Bool?

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<Secret>] = [
            .required("id", \.id, "The secret's name."),
            .optional("if", \.condition, "A condition; without one the secret is always given."),
            .required("env", \.env, "The environment variable that holds it."),
            .optional("optional", \.optional, "Whether the step runs without it, too."),
        ]
    }
}
