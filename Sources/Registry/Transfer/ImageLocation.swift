// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching

/// An image as people name it: a layout directory, or a reference to a registry.
package enum ImageLocation: Sendable, Equatable, CustomStringConvertible {
    /// `tag` may be a digest, too.
    case layout(directory: String, tag: String?)
    case registry(RegistryReference)

    /// `oci:DIR[:TAG]`, a path (`/…`, `./…`, `../…`) or whatever is a directory here is a layout; everything else is a
    /// reference.
    package init(_ text: String) throws(RegistryError) {
        let isMarked = text.hasPrefix("oci:")
        let rest = isMarked ? String(text.dropFirst(4)) : text
        guard !rest.isEmpty else {
            throw RegistryError(
                .invalidReference,
                "'\(text)' names no image",
                hint: "write DIRECTORY[:TAG] or HOST/REPOSITORY[:TAG]"
            )
        }
        let (directory, tag) = Self.split(rest)
        let isPath = ["/", "./", "../"].contains { rest.hasPrefix($0) } || rest == "." || rest == ".."
        if isMarked || isPath || FileStatus(of: directory)?.isDirectory == true {
            self = .layout(directory: directory, tag: tag)
        } else {
            do {
                self = .registry(try RegistryReference(rest))
            } catch {
                throw RegistryError(
                    .invalidReference,
                    "there is no directory '\(directory)', and \(error.message)",
                    hint: "write DIRECTORY[:TAG] for an OCI layout, or HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]"
                )
            }
        }
    }

    /// A layout, whatever else could have the name: `[oci:]DIR[:TAG]`.
    package init(layout text: String) throws(RegistryError) {
        let rest = text.hasPrefix("oci:") ? String(text.dropFirst(4)) : text
        let (directory, tag) = Self.split(rest)
        guard !directory.isEmpty else {
            throw RegistryError(.invalidReference, "'\(text)' names no layout", hint: "write DIRECTORY[:TAG]")
        }
        self = .layout(directory: directory, tag: tag)
    }

    /// A registry's image, even where a directory has the same name.
    package init(registry text: String) throws(RegistryError) { self = .registry(try RegistryReference(text)) }

    /// What stands behind the last colon is a tag, unless it could not be one, or the whole is a directory.
    private static func split(_ text: String) -> (directory: String, tag: String?) {
        if FileStatus(of: text)?.isDirectory == true { return (text, nil) }
        if let at = text.range(ofDigest: "@sha256:"), Digest(text[text.index(after: at)...]) != nil {
            return (String(text[..<at]), String(text[text.index(after: at)...]))
        }
        guard let colon = text.lastIndex(of: ":") else { return (text, nil) }
        let tag = String(text[text.index(after: colon)...])
        return RegistryReference.isTag(tag) ? (String(text[..<colon]), tag) : (text, nil)
    }

    package var description: String {
        switch self {
        case .layout(let directory, let tag): directory + (tag.map { ($0.contains(":") ? "@" : ":") + $0 } ?? "")
        case .registry(let reference): reference.description
        }
    }
}

extension String {
    /// Where a marker begins last.
    fileprivate func range(ofDigest marker: String) -> String.Index? {
        indices.last { self[$0...].hasPrefix(marker) }
    }
}
