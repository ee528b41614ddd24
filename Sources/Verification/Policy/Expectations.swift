// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
internal import OCI

/// Which image it must be. A signature says that an image is one of ours, and not that it is the newest: whoever can move a
/// tag can put an older image, with its good evidence, in the place of a newer one.
package struct Expectations: Sendable {
    /// The digest of the index, or of the single image.
    package var digest: Digest?
    /// The oldest time of making, in seconds since the epoch, by the image's configuration, which its signature covers.
    package var notBefore: Int?
    /// Exactly these platforms, as `os/architecture[/variant]`; nil for any.
    package var platforms: Set<String>?

    package init() {}

    static let members = ["digest", "notBefore", "platforms"]

    /// Reads the members of a policy file that say which image it must be.
    init(_ json: JSON) throws {
        func malformed(_ member: String, _ what: String) -> VerificationError {
            VerificationError("malformed-policy", "'\(member)' in the trust policy is no \(what)")
        }
        if let value = json["digest"] {
            guard let found = value.text.flatMap({ Digest($0) }) else { throw malformed("digest", "digest") }
            digest = found
        }
        if let value = json["notBefore"] {
            guard let time = value.text.flatMap({ Timestamp.seconds($0) }) else {
                throw malformed("notBefore", "time as in RFC 3339")
            }
            notBefore = time
        }
        if let value = json["platforms"] {
            guard let names = value.elements, names.allSatisfy({ $0.text != nil }) else {
                throw malformed("platforms", "list of strings")
            }
            platforms = Set(names.compactMap(\.text))
        }
    }

    /// What can be said without looking into the images.
    func findings(_ root: Descriptor) -> [Finding] {
        guard let digest, digest != root.digest else { return [] }
        return [Finding("index", "expected-digest", .failed, "the image is \(root.digest), expected \(digest)")]
    }

    /// Whether the platforms are those expected, however their variants are written: `arm64/v8` is `arm64`.
    ///
    /// - Parameter actual: nil for one that nothing states.
    func findings(platforms actual: [ImagePlatform?]) -> [Finding] {
        guard let platforms else { return [] }
        func finding(_ detail: String) -> Finding { Finding("index", "expected-platforms", .failed, detail) }
        let stated = actual.map { (name: $0?.description ?? "?", key: $0?.normalized.description ?? "?") }
        let wanted = platforms.map { (name: $0, key: ImagePlatform($0)?.normalized.description ?? $0) }
        let missing = wanted.filter { !stated.map(\.key).contains($0.key) }.map(\.name).sorted()
        let added = Set(stated.filter { !wanted.map(\.key).contains($0.key) }.map(\.name)).sorted()
        return missing.map { finding("\($0) is missing") } + added.map { finding("\($0) was not expected") }
    }

    /// Whether an image is new enough.
    func finding(_ configuration: ImageConfiguration, named name: String) -> Finding? {
        guard let notBefore else { return nil }
        let time = Timestamp.text(configuration.created)
        return configuration.created >= notBefore
            ? Finding(name, "not-before", .passed, "made \(time)")
            : Finding(name, "not-before", .failed, "made \(time), before \(Timestamp.text(notBefore))")
    }
}
