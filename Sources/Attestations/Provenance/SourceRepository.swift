// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

/// Where a repository of definitions is published, as SPDX and SLSA write it (SPDX 2.3, clause 7.7; SLSA v1.2, build-provenance.md):
/// `git+https://git.example.org/images`, with `@refs/heads/main` behind it where a ref is meant.
package struct SourceRepository: Hashable, Sendable {
    /// The URI without the ref. It is compared octet by octet, so each repository is to have one spelling.
    package let repository: String
    /// A ref in full, since a branch and a tag may share a short name: `refs/heads/main`.
    package let ref: String?

    /// Why a text is no such place, as the end of a sentence.
    package struct Unusable: Error, Equatable {
        package let reason: String
    }

    private static let schemes = ["git+https://", "git+ssh://", "git+http://", "git+git://"]
    private static let limit = 2048

    /// Reads a URI. Provenance is published, so it must have no secret; and others must be able to follow it, so it is no
    /// place on this machine.
    package init(parsing text: String) throws(Unusable) {
        func refuse(_ reason: String) -> Unusable { Unusable(reason: reason) }
        guard text.utf8.count <= Self.limit else { throw refuse("it is longer than \(Self.limit) bytes") }
        guard text.utf8.allSatisfy(Self.isAllowed) else {
            throw refuse("it has a character that a URI of a repository does not have")
        }
        guard let scheme = Self.schemes.first(where: { text.hasPrefix($0) }) else {
            throw refuse("it begins with none of \(Self.schemes.joined(separator: ", "))")
        }
        let rest = text.dropFirst(scheme.utf8.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        try Self.check(authority: rest[..<slash], allowsUser: scheme == "git+ssh://")
        let end = rest[slash...].firstIndex(of: "@")
        let path = rest[slash..<(end ?? rest.endIndex)]
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw refuse("its path is empty, ends in a slash, or has a part that is empty, '.' or '..'")
        }
        repository = String(text[..<(end ?? text.endIndex)])
        ref = try end.map { end throws(Unusable) in
            let ref = String(rest[rest.index(after: end)...])
            guard Self.isRef(ref) else {
                throw refuse("'\(ref)' is no full name of a ref, such as refs/heads/main or refs/tags/v1")
            }
            return ref
        }
    }

    private static func check(authority: Substring, allowsUser: Bool) throws(Unusable) {
        var host = authority
        if let at = authority.lastIndex(of: "@") {
            guard allowsUser, !authority[..<at].contains(":") else {
                throw Unusable(reason: "it has a user or a password, and what it is written into is published")
            }
            host = authority[authority.index(after: at)...]
        }
        guard !host.isEmpty else { throw Unusable(reason: "it names no host") }
        guard host == host.lowercased() else {
            throw Unusable(reason: "its host has capital letters, and a repository is to have one spelling")
        }
    }

    /// RFC 3986: unreserved, sub-delims, and `:`, `@`, `/` and `%`. Brackets are for addresses, `?` and `#` lead into a repository.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~!$&'()*+,;=:@/%".utf8.contains(byte)
        }
    }

    /// By the rules of git-check-ref-format(1), for what a URI has at all; no escapes.
    private static func isRef(_ ref: String) -> Bool {
        let parts = ref.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0] == "refs" && !ref.contains("..")
            && !ref.utf8.contains(where: { "~:*%".utf8.contains($0) })
            && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".") && !$0.hasSuffix(".lock") }
    }

    /// The repository with the ref.
    package var uri: String { repository + (ref.map { "@\($0)" } ?? "") }

    /// What a policy may call the source that a provenance states: its repository, and where it has a ref, the repository with it.
    ///
    /// - Parameter definition: `externalParameters.definition`.
    package static func names(in definition: JSON?) -> [String] {
        guard let repository = definition?["repository"]?.text else { return [] }
        return [repository] + (definition?["ref"]?.text.map { ["\(repository)@\($0)"] } ?? [])
    }
}
