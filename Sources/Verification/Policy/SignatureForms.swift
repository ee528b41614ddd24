// SPDX-License-Identifier: Apache-2.0

/// In which of cosign's two forms signatures and statements have to be there.
///
/// Our own images have both, for every manifest, and one that is missing was taken away: somebody leads a reader of the other
/// form past it. cosign itself writes one form, version 2 the older one and version 3 bundles, and signs nothing but the index unless it
/// is told to.
package enum SignatureForms: String, CaseIterable, Sendable {
    case both, bundle, legacy, any

    var readsBundles: Bool { self != .legacy }
    var readsLegacy: Bool { self != .bundle }
    /// Whether every manifest has to be signed for itself. Otherwise an index's signature is enough, which covers its images by
    /// their digests.
    var isEveryManifestSigned: Bool { self == .both }

    func isSatisfied(bundles: Int, legacy: Int) -> Bool {
        switch self {
        case .both: bundles > 0 && legacy > 0
        case .bundle: bundles > 0
        case .legacy: legacy > 0
        case .any: bundles + legacy > 0
        }
    }
}
