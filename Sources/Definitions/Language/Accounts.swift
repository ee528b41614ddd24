// SPDX-License-Identifier: Apache-2.0

/// Users and groups of an image or a build stage.
package struct Accounts: LanguageObject {
    package var mark: Mark
    package var root: Bool?
    package var runAs: Text?
    package var users: [User] = []
    package var groups: [Group] = []

    package init(mark: Mark) { self.mark = mark }

    package static let fields: [Field<Accounts>] = [
        .optional("root", \.root, "Whether the root account stays usable."),
        .optional("run-as", \.runAs, "The user that the container runs as: a declared name, or a number."),
        .many("users", \.users, "The users."),
        .many("groups", \.groups, "The groups."),
    ]

    package struct User: LanguageObject {
        package var mark: Mark
        package var name: Text = ""
        package var uid = WholeNumber(0)
        package var gid = WholeNumber(0)
        package var mode: Text?

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<User>] = [
            .required("name", \.name, "The user's name."),
            .required("uid", \.uid, "The user's number."),
            .required("gid", \.gid, "The number of the user's primary group."),
            .optional("mode", \.mode, "The mode of the user's home directory."),
        ]
    }

    package struct Group: LanguageObject {
        package var mark: Mark
        package var name: Text = ""
        package var gid = WholeNumber(0)
        package var members: [Text] = []

        package init(mark: Mark) { self.mark = mark }

        package static let fields: [Field<Group>] = [
            .required("name", \.name, "The group's name."),
            .required("gid", \.gid, "The group's number."),
            .many("members", \.members, "Users for whom it is a supplementary group."),
        ]
    }
}
