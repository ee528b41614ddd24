// SPDX-License-Identifier: Apache-2.0

import Archives
import Cryptography
import FileTree
import Foundation
import Images
import OCI
import TestSupport

/// Images of one platform whose layers a test writes entry by entry.
struct ImageFixture {
    /// A member of a layer.
    struct Member {
        var path: String
        var kind: ArchiveEntry.Kind = .file
        var mode: UInt16 = 0o644
        var uid = 0
        var gid = 0
        var mtime = 1_700_000_000
        var xattrs: [String: [UInt8]] = [:]
        var content: [UInt8] = []

        static func file(_ path: String, _ text: String) -> Member { Member(path: path, content: Array(text.utf8)) }
        static func directory(_ path: String) -> Member { Member(path: path, kind: .directory, mode: 0o755) }
        static func link(_ path: String, to target: String) -> Member {
            Member(path: path, kind: .symlink(Array(target.utf8)), mode: 0o777)
        }
    }

    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    static func tar(_ members: [Member]) throws -> [UInt8] {
        var out: [UInt8] = []
        let writer = try TarWriter(name: "layer") { out.append(contentsOf: $0) }
        for member in members {
            try writer.begin(
                ArchiveEntry(
                    path: Array(member.path.utf8),
                    kind: member.kind,
                    mode: member.mode,
                    uid: member.uid,
                    gid: member.gid,
                    mtime: member.mtime,
                    size: member.content.count,
                    xattrs: member.xattrs
                )
            )
            if !member.content.isEmpty { try member.content.withUnsafeBytes { try writer.write($0) } }
            try writer.endEntry()
        }
        try writer.finish()
        return out
    }

    /// Writes a layout and opens the image in it.
    ///
    /// - Parameters:
    ///   - layers: tars, not compressed.
    ///   - diffIDs: what the configuration says instead of the truth.
    func open(
        _ layers: [[UInt8]],
        name: String = "image",
        diffIDs: [Digest]? = nil,
        limits: ImageLimits = ImageLimits(),
        keeps: (TreePath) -> Bool = FileOwners.holds
    ) async throws -> OpenedImage {
        let source = try write(layers, name: name, diffIDs: diffIDs)
        return try await OpenedImage(try await source.root(), in: source, limits: limits, keeps: keeps)
    }

    func write(_ layers: [[UInt8]], name: String = "image", diffIDs: [Digest]? = nil) throws -> LayoutSource {
        var draft = LayoutDraft()
        var descriptors: [Descriptor] = []
        for layer in layers {
            descriptors.append(draft.add(layer, mediaType: "application/vnd.oci.image.layer.v1.tar"))
        }
        let configuration = ImageConfiguration(
            platform: ImagePlatform(architecture: "amd64"),
            created: 1_700_000_000,
            diffIDs: diffIDs ?? layers.map { .of($0) }
        )
        let manifest = draft.add(image: configuration, layers: descriptors)
        draft.list(manifest, tag: "1")
        try draft.write(to: directory.path(name))
        return try LayoutSource(directory: directory.path(name), tag: "1")
    }
}
