// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Fetching
package import OCI

/// A repository that an image is pushed to.
///
/// In this order: blobs, manifests, indexes, then the same of the evidence, its listing where the registry has no
/// referrers API, evidence's tags, and the image's tags last, so that whoever finds a name finds everything behind it.
/// Pushing again what is there already changes nothing.
package struct RegistryTarget: ImageTarget {
    let client: RegistryClient
    private let observer: FetchObserver
    /// Uploads at a time.
    private static let width = 4

    package init(_ client: RegistryClient, observer: @escaping FetchObserver = { _ in }) {
        self.client = client
        self.observer = observer
    }

    package var name: String { client.reference.description }

    package func write(_ graph: ImageGraph, from source: any ImageSource) async throws -> TransferReport {
        var report = TransferReport(digest: graph.root.digest)
        /// Evidence whose subject the registry did not take note of.
        var unlisted: Set<Digest> = []
        for documents in [graph.image, graph.evidence] {
            var absent: [ImageGraph.Document] = []
            for document in documents {
                if try await client.hasDocument(document.descriptor.digest) {
                    if document.subject != nil { unlisted.insert(document.descriptor.digest) }
                } else {
                    absent.append(document)
                }
            }
            try await deliver(absent.flatMap(\.blobs), from: source, &report)
            for document in absent {
                let digest = document.descriptor.digest
                let isListed = try await client.put(
                    document.bytes,
                    mediaType: document.descriptor.mediaType,
                    as: digest.description
                )
                if document.subject != nil && !isListed { unlisted.insert(digest) }
            }
            report.documents += documents.count
        }
        /// The longest that a client took from reading what several write to writing it.
        var span: Duration?
        let wanted = graph.referrers.filter { entry in entry.listings.contains { unlisted.contains($0.digest) } }
        for (subject, listings) in wanted {
            guard let took = try await client.ensure(listings, of: subject) else { continue }
            report.usedFallback = true
            span = max(span ?? .zero, took)
        }

        let evidence = graph.documents.map { ($0.descriptor.digest, $0) }
        let documents = Dictionary(evidence, uniquingKeysWith: { first, _ in first })
        let filed = graph.evidenceTags.compactMap { tag, descriptor in documents[descriptor.digest].map { (tag, $0) } }
        for (tag, document) in filed {
            if let took = try await file(document, under: tag) { span = max(span ?? .zero, took) }
        }
        for tag in graph.tags { try await name(tag, documents[graph.root.digest]) }
        report.tags = graph.tags

        // Others may have pushed evidence of the same image meanwhile, and overwritten the fallback index and the tags. Who
        // read them before we wrote has written by now, after several times as long as it took us.
        if let span {
            try await client.settings.retries.sleep(min(span * 4, .seconds(2)))
            for (tag, document) in filed { _ = try await file(document, under: tag) }
        }
        if report.usedFallback {
            for (subject, listings) in wanted { try await client.ensure(listings, of: subject) }
        }
        return report
    }

    private func deliver(
        _ blobs: [Descriptor],
        from source: any ImageSource,
        _ report: inout TransferReport
    ) async throws {
        var seen: Set<Digest> = []
        let blobs = blobs.filter { seen.insert($0.digest).inserted }
        // Within one registry blobs are mounted, not sent.
        let home = (source as? RegistrySource)?.home
        let origin = home.flatMap { $0.host == client.reference.host ? $0.repository : nil }
        let deliveries = try await withThrowingTaskGroup(of: (Descriptor, RegistryClient.Delivery).self) { group in
            var done: [(Descriptor, RegistryClient.Delivery)] = []
            for (index, blob) in blobs.enumerated() {
                if index >= Self.width, let next = try await group.next() { done.append(next) }
                group.addTask { [client, observer] in
                    let delivery = try await client.deliver(blob, origin: origin, observer: observer) {
                        try await source.file(blob)
                    }
                    return (blob, delivery)
                }
            }
            for try await next in group { done.append(next) }
            return done
        }
        for (blob, delivery) in deliveries {
            switch delivery {
            case .present: report.present += 1
            case .mounted: report.mounted += 1
            case .uploaded:
                report.uploaded += 1
                report.bytes += blob.size
            }
        }
    }

    /// Gives a document a name, and reads it back: the registry must answer with what it was given.
    private func name(_ tag: String, _ document: ImageGraph.Document?) async throws {
        guard let document else { return }
        let digest = document.descriptor.digest
        if try await client.document(tag)?.digest == digest { return }
        _ = try await client.put(document.bytes, mediaType: document.descriptor.mediaType, as: tag)
        let stored = try await client.document(tag)?.digest
        guard stored == digest else {
            throw RegistryError(
                .mismatch,
                "\(client.reference.host)/\(client.repository):\(tag) is \(stored.map(\.description) ?? "absent") after the push, expected \(digest)",
                hint: "somebody else may push to the same tag: push again, and look at the tag's history"
            )
        }
    }
}
