// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Glibc
package import Signing

extension SignerPolicy {
    private static let members = [
        "peers", "simpleSigning", "predicateTypes", "builders", "buildTypes", "externalParameters", "verifiers",
        "repositories", "sources",
    ]

    /// Reads a policy file: a JSON object as docs/signer.md describes it. A member that means nothing is an error, since a
    /// misspelt rule must not be silently without effect.
    package init(parsing bytes: [UInt8], name: String) throws(SigningError) {
        func malformed(_ detail: String) -> SigningError {
            SigningError(.malformed, "the signer's policy '\(name)'", detail)
        }
        let json: JSON
        do {
            json = try JSON(parsing: bytes, depth: 8)
        } catch {
            throw malformed("\(error)")
        }
        guard let members = json.members else { throw malformed("it is no object") }
        for (member, _) in members where !Self.members.contains(member) {
            throw malformed("'\(member)' means nothing; known are \(Self.members.joined(separator: ", "))")
        }
        func strings(_ member: String) throws(SigningError) -> [String]? {
            guard let value = json[member] else { return nil }
            guard let list = value.elements, list.allSatisfy({ $0.text?.isEmpty == false }) else {
                throw malformed("'\(member)' is no list of strings")
            }
            return list.compactMap(\.text)
        }
        self.init()
        if let value = json["simpleSigning"] {
            guard let isAllowed = value.boolean else { throw malformed("'simpleSigning' is neither true nor false") }
            allowsSimpleSigning = isAllowed
        }
        predicateTypes = Set(try strings("predicateTypes") ?? [])
        builders = Set(try strings("builders") ?? [])
        buildTypes = Set(try strings("buildTypes") ?? [])
        externalParameters = try strings("externalParameters").map { Set($0) }
        verifiers = Set(try strings("verifiers") ?? [])
        repositories = try strings("repositories") ?? []
        sources = try strings("sources")
        for pattern in repositories + (sources ?? []) where pattern.dropLast().contains("*") {
            throw malformed("'\(pattern)' has a * that is not at its end")
        }
        guard let value = json["peers"] else {
            // Nobody else than whom the signer runs as.
            peers = [geteuid()]
            return
        }
        guard let list = value.elements else { throw malformed("'peers' is no list of users") }
        for peer in list {
            if let number = peer.int, let uid = UInt32(exactly: number) {
                peers.insert(uid)
            } else if let user = peer.text, let entry = getpwnam(user) {
                peers.insert(entry.pointee.pw_uid)
            } else {
                throw malformed("'\(peer.text ?? "")' in 'peers' is no user of this machine")
            }
        }
    }
}
