// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
package import Cryptography
internal import Fetching
package import OCI

extension RegistryClient {
    private static let pageLimit = 100
    private static let referrerLimit = 4_096

    /// What refers to a manifest: by the referrers API, or by the fallback tag where the registry has no such API.
    package func referrers(of subject: Digest) async throws -> [Descriptor] {
        if let listed = try await listedReferrers(of: subject) { return listed }
        return try await fallback(of: subject)?.manifests ?? []
    }

    /// distribution-spec gives the list no order, and some registries answer in another one each time: sorted by digest, so that
    /// equal contents give equal answers.
    ///
    /// - Returns: nil when the registry does not have the API.
    func listedReferrers(of subject: Digest) async throws -> [Descriptor]? {
        var next: Locator? = url("referrers/\(subject)")
        var found: [Descriptor] = []
        var pages = 0
        while let page = next {
            let answer = try await call(TransportRequest(.get, page, headers: [("Accept", MediaType.index)]))
            // 404 is what the specification says; some older registries say that they do not know such a request.
            if [400, 404, 405].contains(answer.head.status), pages == 0 { return nil }
            guard answer.head.status == 200 else { throw failure(answer, "list the referrers of \(subject)") }
            found += try index(answer.body, "the referrers of \(subject)").manifests
            pages += 1
            guard pages <= Self.pageLimit, found.count <= Self.referrerLimit else {
                throw RegistryError(
                    .tooLarge,
                    "\(reference.host)/\(repository) lists more than \(Self.referrerLimit) referrers of \(subject)"
                )
            }
            next = try Self.next(answer.head.header("link"), from: page)
            if let next, !next.hasSameOrigin(as: base) {
                throw RegistryError(.refused, "\(reference.host) continues its list at another host, \(next.authority)")
            }
        }
        return found.sorted { $0.digest < $1.digest }
    }

    /// `</v2/…?last=…>; rel="next"` (RFC 8288).
    private static func next(_ link: String?, from page: Locator) throws -> Locator? {
        guard let link, let open = link.firstIndex(of: "<"), let close = link.firstIndex(of: ">"), open < close else {
            return nil
        }
        let parameters = link[close...].lowercased()
        guard parameters.contains("rel=\"next\"") || parameters.contains("rel=next") else { return nil }
        return try page.resolving(String(link[link.index(after: open)..<close]))
    }

    // MARK: Fallback tag

    /// distribution-spec, "Referrers Tag Schema": `sha256-<hex>`.
    static func fallbackTag(of subject: Digest) -> String { subject.evidenceTag("") }

    func fallback(of subject: Digest) async throws -> Index? {
        guard let document = try await document(Self.fallbackTag(of: subject)) else { return nil }
        return try index(document.bytes, "the fallback index of \(subject)")
    }

    private func index(_ bytes: [UInt8], _ name: String) throws -> Index {
        try Index(parsing: bytes, name: "\(name) at \(reference.host)/\(repository)")
    }

    /// Sees to it that referrers are found: through the registry's API, or in the fallback index, which others write as well.
    ///
    /// - Returns: how long the longest way from reading the fallback index to having written it took; nil when it was not
    ///   written.
    @discardableResult
    func ensure(_ referrers: [Descriptor], of subject: Digest) async throws -> Duration? {
        if let listed = try await listedReferrers(of: subject) {
            let digests = Set(listed.map(\.digest))
            if referrers.allSatisfy({ digests.contains($0.digest) }) { return nil }
        }
        return try await share(under: Self.fallbackTag(of: subject), named: "the index") {
            var index = try await fallback(of: subject) ?? Index(manifests: [])
            let present = Set(index.manifests.map(\.digest))
            let absent = referrers.filter { !present.contains($0.digest) }
            if absent.isEmpty { return nil }
            index.manifests += absent
            guard index.manifests.count <= Self.referrerLimit else {
                throw RegistryError(
                    .tooLarge,
                    "the fallback index of \(subject) has more than \(Self.referrerLimit) entries"
                )
            }
            return Completion(mediaType: MediaType.index, bytes: index.json.compact)
        }
    }
}
