// SPDX-License-Identifier: Apache-2.0

import Archives
import Cryptography
import FileTree
import Foundation
import Layers
import Synchronization
import TestSupport
import Testing

/// A layer store in memory that counts what it was asked to make.
private final class MemoryLayers: LayerStore {
    struct State {
        var blocks: [String: [UInt8]] = [:]
        var layers: [Digest: Layer] = [:]
        var blobs: [Digest: [UInt8]] = [:]
        var made = 0
    }
    let state = Mutex(State())

    final class Blob: BlobWriter {
        var bytes: [UInt8] = []
        let store: MemoryLayers
        init(_ store: MemoryLayers) { self.store = store }
        func write(_ more: [UInt8]) throws { bytes += more }
        func finish() throws -> (digest: Digest, size: Int) {
            let digest = Digest.of(bytes)
            store.state.withLock { [bytes] in $0.blobs[digest] = bytes }
            return (digest, bytes.count)
        }
    }

    func block(_ source: Digest, compressor: String, make: @Sendable () throws -> [UInt8]) throws -> [UInt8] {
        if let known = state.withLock({ $0.blocks["\(source) \(compressor)"] }) { return known }
        let bytes = try make()
        state.withLock {
            $0.blocks["\(source) \(compressor)"] = bytes
            $0.made += 1
        }
        return bytes
    }
    func newBlob() throws -> any BlobWriter { Blob(self) }
    func layer(_ key: Digest) throws -> Layer? { state.withLock { $0.layers[key] } }
    func remember(_ layer: Layer, key: Digest) throws { state.withLock { $0.layers[key] = layer } }
    func blob(_ digest: Digest) -> [UInt8] { state.withLock { $0.blobs[digest] ?? [] } }
}

@Suite struct LayerWriterTests {
    /// Text that compresses like text, from a fixed generator.
    static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(ascii: "a") + UInt8((state >> 33) % 16)
        }
    }

    static func tree(changing version: UInt64 = 1) throws -> Tree {
        var tree = Tree()
        for (package, files) in [("alpha", 40), ("beta", 3), ("gamma", 200)] {
            for index in 0..<files {
                let size = package == "beta" ? 2_500_000 : 9_000
                let seed = UInt64(index) &* 7 &+ (package == "alpha" ? version : 0)
                try tree.add(
                    Node(
                        try TreePath("usr/share/\(package)/file-\(index)"),
                        .file(FileContent(noise(size, seed: seed))),
                        mode: 0o644,
                        mtime: 1_600_000_000 + index,
                        origin: .package(package)
                    )
                )
            }
        }
        try tree.add(
            Node("usr/share/alpha/z-link", .hardLink("usr/share/alpha/file-0"), mode: 0o644, origin: .package("alpha"))
        )
        try tree.add(
            Node("usr/share/alpha/a-link", .hardLink("usr/share/alpha/file-0"), mode: 0o644, origin: .package("alpha"))
        )
        try tree.put(
            Node("etc/made", .file(FileContent("made")), mode: 0o644, mtime: 1_700_000_000, origin: .effect("test"))
        )
        return tree
    }

    private func write(_ tree: Tree, to store: MemoryLayers, width: Int = 2, compression: LayerCompression = .gzip)
        async throws -> [Layer]
    {
        let writer = LayerWriter(
            contents: InlineContents(),
            store: store,
            epoch: 1_650_000_000,
            compression: compression,
            width: width
        )
        var layers: [Layer] = []
        for contents in LayerPlan.layers(of: tree, limit: 10, source: { $0 }) {
            layers.append(try await writer.write(contents))
        }
        return layers
    }

    @Test(arguments: [LayerCompression.gzip, .zstd])
    func theNumberOfThreadsChangesNothing(_ compression: LayerCompression) async throws {
        let tree = try Self.tree()
        let one = try await write(tree, to: MemoryLayers(), width: 1, compression: compression)
        let many = try await write(tree, to: MemoryLayers(), width: 7, compression: compression)
        #expect(one == many)
    }

    @Test(.enabled(if: Tool.exists("gzip") && Tool.exists("tar"), "gzip and tar are not installed"))
    func gzipReadsTheLayerAndItsDiffID() async throws {
        let store = MemoryLayers()
        for layer in try await write(try Self.tree(), to: store) {
            let plain = try Tool.run("gzip", ["-dc"], input: store.blob(layer.digest))
            #expect(plain.status == 0, "\(plain.stderr)")
            #expect(Digest.of(plain.stdout) == layer.diffID)
            #expect(plain.stdout.count == layer.uncompressedSize)
            let listing = try Tool.run("tar", ["-tf", "-"], input: plain.stdout)
            #expect(listing.status == 0, "\(listing.stderr)")
            let names = listing.lines.map { Array($0.utf8.reversed().drop { $0 == 0x2F }.reversed()) }
            #expect(names == names.sorted { $0.lexicographicallyPrecedes($1) }, "in byte order, parents first")
            #expect(Set(names).count == names.count, "no path twice")
        }
    }

    @Test func whatIsUnchangedIsNotCompressedAgain() async throws {
        let store = MemoryLayers()
        let first = try await write(try Self.tree(), to: store)
        let made = store.state.withLock { $0.made }
        let again = try await write(try Self.tree(), to: store)
        #expect(again == first)
        #expect(store.state.withLock { $0.made } == made, "nothing is deflated for an unchanged tree")
        let changed = try await write(try Self.tree(changing: 2), to: store)
        // alpha changed: its layer is another, those of beta and gamma are the same blobs.
        #expect(Set(changed.map(\.digest)).intersection(first.map(\.digest)).count == first.count - 1)
    }

    @Test func theFirstNameOfAFileCarriesItsContent() async throws {
        let layers = LayerPlan.layers(of: try Self.tree(), limit: 1, source: { $0 })
        let nodes = try #require(layers.first).nodes
        let first = try #require(nodes.first { $0.path == "usr/share/alpha/a-link" })
        let original = try #require(nodes.first { $0.path == "usr/share/alpha/file-0" })
        #expect(first.content != nil)
        #expect(original.kind == .hardLink("usr/share/alpha/a-link"))
    }

    @Test func thereAreAtMostAsManyLayersAsAllowed() throws {
        var tree = Tree()
        for index in 0..<30 {
            try tree.add(
                Node(
                    try TreePath("p\(index)"),
                    .file(FileContent("\(index)")),
                    mode: 0o644,
                    origin: .package("p\(index)")
                )
            )
        }
        try tree.put(Node("made", .file(FileContent("x")), mode: 0o644, origin: .effect("x")))
        for limit in 1...12 {
            let layers = LayerPlan.layers(of: tree, limit: limit, source: { $0 })
            #expect(layers.count <= limit)
            #expect(layers.flatMap(\.nodes).filter { !$0.isDirectory }.count == 31)
        }
    }
}
