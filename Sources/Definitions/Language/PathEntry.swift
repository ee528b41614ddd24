// SPDX-License-Identifier: Apache-2.0

/// A change to the file system.
package struct PathEntry: LanguageObject {
    package var mark: Mark
    package var type = Word(PathKind.file)
    package var path: Text = ""
    package var condition: Text?
    package var content: Text?
    package var uid: WholeNumber?
    package var gid: WholeNumber?
    package var mode: Text?
    package var source: Text?
    package var recursive: Bool?
    package var platforms: [Word<TargetPlatform>]?

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<PathEntry>] = [
        .required(
            "type",
            \.type,
            "What is done: a link, directory, file or empty file is made, or something is deleted."
        ),
        .required("path", \.path, "Where."),
        .optional("if", \.condition, "A condition; without one the entry always counts."),
        .optional("content", \.content, "The text of a file."),
        .optional("uid", \.uid, "The owner."),
        .optional("gid", \.gid, "The group."),
        .optional("mode", \.mode, "The mode, as 3 to 5 octal digits in quotes."),
        .optional(
            "source",
            \.source,
            "For a link: its target. For a file or directory: what is copied, relative to the repository's root."
        ),
        .optional("recursive", \.recursive, "Whether owner and mode apply to everything below, too."),
        .optional("platforms", \.platforms, "The platforms it is for.", defaultValue: TargetPlatform.defaultJSON),
    ]
}
