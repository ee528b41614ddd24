// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Packages

/// Where the files of one suite lie.
struct SuiteFiles {
    /// A file that the Release lists, in the form that is fetched.
    struct Listed {
        /// Below the suite's folder.
        var path: String
        var sha256: Digest
        var size: Int
        /// Size when decompressed, where the Release says it.
        var expandedSize: Int?
    }

    let repository: Repository

    init(_ repository: Repository) { self.repository = repository }

    /// A flat repository has its indexes in one folder and knows neither components nor architectures.
    var isFlat: Bool { repository.suite.hasSuffix("/") }

    /// The suite's folder below the repository's base, with a slash at its end or empty.
    var folder: String {
        if !isFlat { return "dists/\(repository.suite)/" }
        let path = repository.suite.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return path.isEmpty ? "" : path + "/"
    }

    /// `debian dists/trixie/InRelease`: what messages call a file.
    func title(_ file: String) -> String { "\(repository.id) \(folder)\(file)" }

    /// The Packages file of a component and an architecture in the best form that the Release lists.
    func packages(_ component: String, _ architecture: String, in release: Release) -> Listed? {
        let plain = isFlat ? "Packages" : "\(component)/binary-\(architecture)/Packages"
        for ending in [".xz", ".zst", ".gz", ".bz2", ""] {
            guard let file = release.files[plain + ending] ?? release.files["./" + plain + ending] else { continue }
            return Listed(
                path: plain + ending,
                sha256: file.sha256,
                size: file.size,
                expandedSize: release.files[plain]?.size
            )
        }
        return nil
    }

    /// `main/binary-amd64/by-hash/SHA256/…`, for suites with `Acquire-By-Hash`.
    static func byHash(_ file: Listed) -> String {
        let folder = file.path.lastIndex(of: "/").map { file.path[...$0] } ?? ""
        return "\(folder)by-hash/SHA256/\(file.sha256.hex)"
    }
}
