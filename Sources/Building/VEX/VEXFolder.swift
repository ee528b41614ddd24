// SPDX-License-Identifier: Apache-2.0

package import Attestations
internal import Definitions
internal import Diagnostics
internal import Fetching

/// The folder `vex` beside a definition: OpenVEX documents, as `basalt vex add` and vexctl write them.
///
/// Its statements are for all definitions of the directory; which of them are about an image follows from their products.
package struct VEXFolder: Sendable {
    package let path: String
    /// The folder's name below the root of the repository of definitions, for provenance.
    private let relativePath: String

    private static let fileLimit = 10_000

    /// - Parameters:
    ///   - path: of the folder.
    ///   - relativePath: the same below the root of its repository.
    package init(path: String, relativePath: String) {
        self.path = path
        self.relativePath = relativePath
    }

    package init(beside planned: PlannedDefinition) {
        self.init(
            path: Files.directory(of: planned.path) + "/vex",
            relativePath: planned.relativePath.contains("/")
                ? Files.directory(of: planned.relativePath) + "/vex" : "vex"
        )
    }

    /// The files in byte order of their names, read; none when there is no folder.
    package func files() throws -> [VEXFile] {
        guard Files.exists(path) else { return [] }
        let names = Files.names(in: path).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard names.count <= Self.fileLimit else {
            throw BuildError("too-many-files", "'\(path)' has \(names.count) files, more than \(Self.fileLimit)")
        }
        return try names.map { name in
            VEXFile(
                name: "\(relativePath)/\(name)",
                bytes: try Files.read("\(path)/\(name)", limit: VEXDocument.sizeLimit)
            )
        }
    }

    /// The files, all of which are valid.
    ///
    /// - Throws: `invalid-vex` with the first problem and its place.
    package func validFiles() throws -> [VEXFile] {
        let files = try files()
        let errors = files.flatMap(\.diagnostics).filter { $0.severity == .error }
        guard let first = errors.first else { return files }
        let more = errors.count > 1 ? " (and \(errors.count - 1) more errors)" : ""
        throw BuildError(
            "invalid-vex",
            "\(first.location): \(first.message)\(more)",
            hint: first.hint ?? "'basalt vex check' shows every problem"
        )
    }
}
