// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import FileTree
package import Packages

/// Puts Debian packages into a tree: files, what their scripts would have done, and the package database. No script is run.
package enum DebianAssembler {
    /// Assembles an installation.
    ///
    /// Accounts, paths and os-release of the definition are the caller's, and come after.
    ///
    /// - Throws: `AssemblyError` for a file conflict, a broken package, or a script that nothing accounts for; a
    ///   `TreeError` for a path that cannot be; whatever reading contents throws.
    package static func assemble(_ installation: Installation) throws -> Assembly {
        var packages: [DebianPackage] = []
        for installed in installation.packages {
            packages.append(try Substitution.apply(to: DebianPackage(installed), contents: installation.contents))
        }
        packages.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }

        let (reports, unknown) = ScriptClassifier.classify(packages, acknowledged: installation.acknowledgedScripts)
        if !unknown.isEmpty { throw refusal(unknown) }

        let diversions = Diversions.all(of: packages)
        var placement = try Placement(packages, variant: installation.variant, diversions: diversions)
        var root = ImageRoot(
            installation,
            packages: packages,
            tree: try placement.place(platform: installation.platform)
        )
        root.diversions = diversions
        for effect in Effects.all { try effect.apply(to: &root) }
        try Accounts.nameOwners(in: &root)
        try DpkgDatabase.write(to: &root)
        return Assembly(tree: root.tree, scripts: reports, notes: Notes.of(root, reports) + root.notes)
    }

    private static func refusal(_ unknown: [ScriptClassifier.Unknown]) -> AssemblyError {
        let lines = unknown.map {
            "\n  \($0.package) \($0.version) \($0.member) \($0.sha256): \($0.commands.joined(separator: ", "))"
        }
        return AssemblyError(
            .unknownScript,
            "\(unknown.count == 1 ? "a maintainer script does" : "\(unknown.count) maintainer scripts do") what no effect stands for:"
                + lines.joined(),
            hint:
                "read the scripts; if the image needs nothing of what they do, acknowledge their hashes in the configuration"
        )
    }
}
