// SPDX-License-Identifier: Apache-2.0

/// The folder that the paths in a definition are relative to, and that they may not leave.
package struct RepositoryRoot: Sendable, Hashable {
    /// Absolute, with all links followed.
    package let path: String

    package init(path: String) { self.path = FileReading.realPath(path) ?? path }

    /// The root for a definition file: the nearest folder above it that has a `.git`; failing that, the folder that
    /// holds the outermost `image`, `package`, `chart` or `definitions` folder on its way; failing that, its own folder.
    package static func containing(_ definition: String) -> RepositoryRoot {
        let real = FileReading.realPath(definition) ?? definition
        let folders = real.split(separator: "/", omittingEmptySubsequences: true).dropLast().map(String.init)
        func path(_ count: Int) -> String { "/" + folders.prefix(count).joined(separator: "/") }
        for count in stride(from: folders.count, through: 1, by: -1)
        where FileReading.kind(of: path(count) + "/.git", followingLinks: true) != nil {
            return RepositoryRoot(path: path(count))
        }
        if let index = folders.lastIndex(where: { ["image", "package", "chart", "definitions"].contains($0) }) {
            return RepositoryRoot(path: path(index))
        }
        return RepositoryRoot(path: path(folders.count))
    }

    /// The absolute path of something in the repository.
    ///
    /// - Throws: a sentence when the path, or what its links lead to, is outside the repository or does not exist.
    package func resolve(_ relative: String) throws(Outside) -> String {
        let parts = relative.split(separator: "/", omittingEmptySubsequences: true)
        guard !parts.contains("..") else { throw Outside(reason: "it has a '..' component") }
        guard !relative.utf8.contains(0) else { throw Outside(reason: "it has a NUL byte") }
        let full = (path == "/" ? "" : path) + "/" + parts.joined(separator: "/")
        guard let real = FileReading.realPath(full) else { throw Outside(reason: "it does not exist", isMissing: true) }
        guard real == path || path == "/" || real.utf8.starts(with: (path + "/").utf8) else {
            throw Outside(reason: "its links lead out of the repository")
        }
        return real
    }

    package struct Outside: Error {
        package var reason: String
        package var isMissing = false
    }
}
