// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching
internal import Foundation
package import OCI

extension ImageTransfer {
    /// Adds evidence to an image in a registry: what `draft` lists is pushed, under its tags, and as referrers.
    ///
    /// Content that the draft's manifests name and that is not in the draft must be in the repository already.
    package func add(
        _ draft: LayoutDraft,
        about root: Descriptor,
        to reference: RegistryReference
    ) async throws -> TransferReport {
        let directory = FileManager.default.temporaryDirectory.path + "/basalt-evidence-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try draft.write(to: directory)
        let source = try LayoutSource(directory: directory, tag: nil)
        var graph = ImageGraph(evidence: [], about: root)
        for entry in draft.entries {
            let descriptor = entry.reference
            let bytes = try await source.document(descriptor)
            graph.evidence.append(try ImageGraph.Document(descriptor, bytes, name: source.name))
            if let tag = entry.annotations[Annotation.refName] { graph.evidenceTags.append((tag, descriptor)) }
        }
        return try await target(reference).write(graph, from: source)
    }
}
