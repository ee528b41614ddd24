// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Fetching
package import OCI

/// An OCI layout directory that an image is written to, whole or not at all.
package struct LayoutTarget: ImageTarget {
    package let directory: String
    private let observer: FetchObserver
    /// Blobs fetched at a time; the downloader has a limit of its own.
    private static let width = 8

    package init(directory: String, observer: @escaping FetchObserver = { _ in }) {
        self.directory = directory
        self.observer = observer
    }

    package var name: String { directory }

    package func write(_ graph: ImageGraph, from source: any ImageSource) async throws -> TransferReport {
        var report = TransferReport(digest: graph.root.digest)
        var draft = LayoutDraft()
        for (blob, path) in try await files(graph, source) {
            draft.add(file: path, descriptor: blob)
            report.bytes += blob.size
            report.uploaded += 1
        }
        for document in graph.documents {
            _ = draft.add(document.bytes, mediaType: document.descriptor.mediaType)
            report.documents += 1
        }
        list(graph, in: &draft)
        // Who is adding to a layout that is there finishes first, and does not take this one away again.
        if Files.exists(directory) {
            let lock = try await LayoutLock.acquire(directory, observer: observer)
            defer { lock.release() }
            try draft.write(to: directory)
        } else {
            try draft.write(to: directory)
        }
        report.tags = graph.tags
        return report
    }

    private func files(_ graph: ImageGraph, _ source: any ImageSource) async throws -> [(Descriptor, String)] {
        var seen: Set<Digest> = []
        let blobs = graph.documents.flatMap(\.blobs).filter { seen.insert($0.digest).inserted }
        return try await withThrowingTaskGroup(of: (Int, String).self) { group in
            var paths: [Int: String] = [:]
            for (index, blob) in blobs.enumerated() {
                if index >= Self.width, let (done, path) = try await group.next() { paths[done] = path }
                group.addTask { (index, try await source.file(blob)) }
            }
            for try await (index, path) in group { paths[index] = path }
            return blobs.indices.compactMap { index in paths[index].map { (blobs[index], $0) } }
        }
    }

    /// index.json as the verifiers want it: the image under its tags, evidence filed by name with the kinds that cosign
    /// looks for, and every referrer with its type and annotations.
    private func list(_ graph: ImageGraph, in draft: inout LayoutDraft) {
        let isIndex = graph.image.last.map { !$0.children.isEmpty } ?? false
        let kind = [Annotation.kind: isIndex ? Annotation.kindIndex : Annotation.kindImage]
        if graph.tags.isEmpty { draft.list(graph.root.reference, annotations: kind) }
        for tag in graph.tags { draft.list(graph.root.reference, tag: tag, annotations: kind) }
        let documents = Dictionary(
            graph.documents.map { ($0.descriptor.digest, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var named: Set<Digest> = []
        let ofRoot = "\(graph.root.digest.algorithm.rawValue)-\(graph.root.digest.hex)"
        for (tag, descriptor) in graph.evidenceTags {
            named.insert(descriptor.digest)
            var entry = descriptor.reference
            if let document = documents[descriptor.digest], document.subject != nil {
                entry.artifactType = document.artifactType
            }
            var annotations: [String: String] = [:]
            if tag == ofRoot + ".sig" { annotations[Annotation.kind] = Annotation.kindSignatures }
            if tag == ofRoot + ".att" { annotations[Annotation.kind] = Annotation.kindAttestations }
            draft.list(entry, tag: tag, annotations: annotations)
        }
        for document in graph.evidence where document.subject != nil && !named.contains(document.descriptor.digest) {
            draft.list(document.listing)
        }
    }
}
