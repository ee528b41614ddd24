// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import ChildProcesses
internal import Cryptography
internal import Fetching
internal import Glibc

/// The checkout that a definition lies in: which commit is checked out, and whether it holds what is built.
///
/// Files are compared as bytes with the blobs of the commit. What git changes on the way into a checkout (line ends, large file
/// storage) is not in the commit as it is built, and the filters that do so are never run.
struct SourceCheckout: Sendable {
    /// A file that was read, by its path below the root.
    struct Input: Hashable, Sendable {
        var path: String
        var sha256: Digest
    }

    /// Absolute, with all links followed.
    let root: String
    let commit: GitCommit
    private let tree: CommitTree

    /// 64 MiB of names are some 500,000 files.
    private static let listingLimit = 64 << 20

    /// Asks git.
    ///
    /// - Parameters:
    ///   - root: of the repository of definitions.
    ///   - location: whose ref, where the checkout has it, must be the commit's.
    /// - Throws: `no-commit`, `other-ref`, `no-git`.
    init(root: String, location: SourceRepository) async throws(BuildError) {
        func failure(_ detail: String) -> BuildError {
            BuildError(
                "no-commit",
                "the commit that '\(root)' has of \(location.uri) cannot be found: \(detail)",
                hint: "build in a checkout of the repository of definitions, or name the commit with --source-commit"
            )
        }
        let git = GitCommand(directory: root)
        let head = try await git.run(["rev-parse", "--show-toplevel", "HEAD^{commit}"])
        guard head.isGood else { throw failure(GitCommand.complaint(head)) }
        var lines = String(decoding: head.output, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.popLast()?.isEmpty == true, let commit = lines.popLast().flatMap({ GitCommit($0) }) else {
            throw failure("git's answer is not understood")
        }
        // A damaged .git makes git look further above.
        guard lines.joined(separator: "\n") == root else {
            throw failure("git takes '\(lines.joined(separator: "\n"))' for the root of the checkout")
        }
        if let ref = location.ref {
            let found = try await git.run(
                ["rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"]
            )
            let other = GitCommit(String(decoding: found.output, as: UTF8.self).split(separator: "\n").first ?? "")
            if found.isGood, let other, other != commit {
                throw BuildError(
                    "other-ref",
                    "'\(root)' has the commit \(commit.hex) checked out, and \(ref) is \(other.hex)",
                    hint: "check that ref out, or name another one, or none, in --source or 'source'"
                )
            }
        }
        let listing = try await git.run(
            ["ls-tree", "-r", "-z", "--full-tree", commit.hex],
            outputLimit: Self.listingLimit
        )
        guard listing.isGood else { throw failure(GitCommand.complaint(listing)) }
        guard let tree = CommitTree(listing.output) else { throw failure("git's answer is not understood") }
        self.root = root
        self.commit = commit
        self.tree = tree
    }

    /// Refuses a build from what the commit does not hold.
    ///
    /// - Throws: `not-in-commit`.
    func check(_ inputs: [Input]) throws(BuildError) {
        var problems: [String] = []
        for input in inputs {
            if let problem = problem(input) { problems.append("'\(input.path)' \(problem)") }
        }
        guard let first = problems.first else { return }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        throw BuildError(
            "not-in-commit",
            "provenance would name the commit \(commit.hex), which does not hold what is built: \(first)\(more)",
            hint:
                "commit the change, or take it back; what git changes at checkout (line ends, LFS) is not in the commit as it is built"
        )
    }

    /// A configuration decides by values that provenance has each of, and may lie anywhere: only one that the commit has must
    /// be as it is there.
    func check(configuration: Configuration.File) throws(BuildError) {
        guard let buffer = realpath(configuration.path, nil) else { return }
        defer { free(buffer) }
        let path = String(cString: buffer)
        guard path.hasPrefix(root + "/") else { return }
        let input = Input(path: String(path.dropFirst(root.count + 1)), sha256: configuration.sha256)
        guard tree.entry(at: input.path, target: target) != nil else { return }
        try check([input])
    }

    private func problem(_ input: Input) -> String? {
        guard let (path, entry) = tree.entry(at: input.path, target: target) else { return "is not in it" }
        guard entry.kind == .file else { return "is not a file there" }
        // The digest of what was built, and git's of what the commit has: one pass over the bytes ties them together.
        guard let (sha256, blob) = digests(of: root + "/" + path) else { return "cannot be read any more" }
        guard sha256 == input.sha256 else { return "has changed since it was read" }
        return blob.hex == entry.id ? nil : "is another file there"
    }

    /// What a link of the checkout leads to, if the commit's link leads there.
    private func target(_ path: String, _ entry: CommitTree.Entry) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(root + "/" + path, &buffer, buffer.count)
        guard count > 0, count < buffer.count else { return nil }
        let target = buffer.prefix(count).map { UInt8(bitPattern: $0) }
        let hasher = blobHasher(target.count)
        hasher.update(target)
        return hasher.finish().hex == entry.id ? String(validating: target, as: UTF8.self) : nil
    }

    /// gitformat-object: a blob's id is the digest over its type and size in words, a NUL, and its bytes.
    private func blobHasher(_ size: Int) -> Hasher {
        let hasher = Hasher(commit.hex.utf8.count == 40 ? .sha1 : .sha256)
        hasher.update(Array("blob \(size)\0".utf8))
        return hasher
    }

    private func digests(of path: String) -> (sha256: Digest, blob: Digest)? {
        guard let file = try? OpenFile.reading(path), let size = try? file.status.size else { return nil }
        let (plain, blob) = (Hasher(), blobHasher(size))
        var offset = 0
        while offset < size {
            guard let bytes = try? file.bytes(offset..<min(size, offset + 1 << 20)), !bytes.isEmpty else { return nil }
            plain.update(bytes)
            blob.update(bytes)
            offset += bytes.count
        }
        return (plain.finish(), blob.finish())
    }
}
