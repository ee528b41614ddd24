// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON

/// A source of new versions. It is read and checked; nothing here acts on it.
///
/// The schema gives nine shapes of which exactly one must fit, and two of them describe `var_increment`: an entry that
/// satisfies both (with `set` and one of `increment` and `reset`) is therefore refused. That is kept: what one reader
/// refuses, another should not accept.
package struct Tracker: LanguageValue {
    package var value: Value
    package var type: String?

    package init?(_ value: Value) {
        guard value.entries != nil else { return nil }
        self.value = value
        type = value["type"]?.string
    }

    package static var shape: Shape { .exactlyOneObject(alternatives) }

    private static let alternatives: [ObjectShape] = [
        alternative(
            ["github_release"],
            [
                .init("owner", .string(.any), isRequired: true), .init("repo", .string(.any), isRequired: true),
                .init("set", .exactlyOne([.string(.any), releaseSettings]), isRequired: true),
                .init("use", words(["release", "tag"])), .init("match", .string(.any)),
            ]
        ),
        alternative(
            ["github_tag"],
            [
                .init("owner", .string(.any), isRequired: true), .init("repo", .string(.any), isRequired: true),
                .init("match", .string(.any), isRequired: true),
                .init("set", .exactlyOne([.string(.any), releaseSettings]), isRequired: true),
            ]
        ),
        alternative(
            ["github_repository"],
            [
                .init("owner", .string(.any), isRequired: true), .init("repo", .string(.any), isRequired: true),
                .init("branch", .string(.any)), .init("set", .anything, isRequired: true),
            ]
        ),
        alternative(
            ["alpine_package"],
            [
                .init("package", pattern("^pkg:apk/.*$"), isRequired: true),
                .init("set", .string(.any), isRequired: true),
            ]
        ),
        alternative(
            ["debian_package"],
            [
                .init("package", pattern("^pkg:deb/.*$"), isRequired: true),
                .init("set", .string(.any), isRequired: true), .init("match", .string(.any)),
            ]
        ),
        alternative(["var_increment"], increment(isSetRequired: false)),
        alternative(
            ["oci_artifact"],
            [
                .init("name", .string(.any), isRequired: true), .init("match", .string(.any), isRequired: true),
                .init("set", .list(.object(artifactSetting)), isRequired: true),
            ]
        ),
        alternative(
            ["file", "json_file"],
            [
                .init("url", .string(.any), isRequired: true), .init("set", .anything, isRequired: true),
                .init("name", .string(.any)),
            ]
        ),
        alternative(["var_increment"], increment(isSetRequired: true), anyOf: ["increment", "reset"]),
    ]

    private static func alternative(_ types: [String], _ fields: [FieldShape], anyOf: [String] = []) -> ObjectShape {
        ObjectShape(fields: [.init("type", words(types), isRequired: true)] + fields, isClosed: false, anyOf: anyOf)
    }

    private static func increment(isSetRequired: Bool) -> [FieldShape] {
        [
            .init("set", .string(.any), isRequired: isSetRequired, defaultValue: "REL"),
            .init("increment", .list(.string(.any))), .init("reset", .list(.string(.any))),
        ]
    }

    private static let releaseSettings: Shape = .list(
        .object(
            ObjectShape(
                fields: [
                    .init("match", .string(.any)), .init("value", words(["commit", "tag", "name"]), isRequired: true),
                    .init("var", .string(.any), isRequired: true),
                ],
                isClosed: false
            )
        )
    )

    private static let artifactSetting = ObjectShape(
        fields: [
            .init("match", .string(.any)), .init("value", words(["digest", "tag", "reference"]), isRequired: true),
            .init("var", .string(.any), isRequired: true),
            .init("selection", words(["longest", "exact", "default"]), defaultValue: "longest"),
        ],
        isClosed: false
    )

    private static func words(_ words: [String]) -> Shape { .string(StringRule(values: words)) }

    private static func pattern(_ pattern: StaticString) -> Shape {
        .string(StringRule(pattern: Pattern.literal(pattern)))
    }
}
