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
    func findings(_ root: Descriptor, images: [Descriptor]) -> [Finding] {
        var findings: [Finding] = []
        if let digest, digest != root.digest {
            findings.append(
                Finding("index", "expected-digest", .failed, "the image is \(root.digest), expected \(digest)")
            )
        }
        if let platforms {
            let actual = Set(images.map { $0.platform?.description ?? "?" })
            for name in platforms.subtracting(actual).sorted() {
                findings.append(Finding("index", "expected-platforms", .failed, "\(name) is missing"))
            }
            for name in actual.subtracting(platforms).sorted() {
                findings.append(Finding("index", "expected-platforms", .failed, "\(name) was not expected"))
            }
        }
        return findings
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
