// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Testing
internal import Transparency

@Suite struct MerkleTreeTests {
    /// The leaves and roots that implementations of RFC 6962 share (certificate-transparency, merkletree tests).
    private static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    private static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    /// (index, size, path) of the same tests.
    private static let paths: [(Int, Int, [String])] = [
        (0, 1, []),
        (
            0, 8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        ),
        (
            5, 8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ]

    @Test func knownPathsLeadToKnownRoots() throws {
        for (index, size, path) in Self.paths {
            let leaf = MerkleTree.leaf(try #require(Hex.decode(Self.leaves[index])))
            let hashes = try path.map { try #require(Hex.decode($0)) }
            let root = try #require(MerkleTree.root(leaf: leaf, index: index, size: size, path: hashes))
            #expect(Hex.encode(root) == Self.roots[size - 1])
        }
    }

    // RFC 6962 sections 2.1 and 2.1.1, word for word.
    private static func split(_ count: Int) -> Int {
        var half = 1
        while half * 2 < count { half *= 2 }
        return half
    }
    static func root(_ leaves: [[UInt8]]) -> [UInt8] {
        if leaves.count == 1 { return MerkleTree.leaf(leaves[0]) }
        let half = split(leaves.count)
        return MerkleTree.node(root(Array(leaves[..<half])), root(Array(leaves[half...])))
    }
    static func path(_ index: Int, _ leaves: [[UInt8]]) -> [[UInt8]] {
        if leaves.count == 1 { return [] }
        let half = split(leaves.count)
        return index < half
            ? path(index, Array(leaves[..<half])) + [root(Array(leaves[half...]))]
            : path(index - half, Array(leaves[half...])) + [root(Array(leaves[..<half]))]
    }

    @Test func everyPathOfSmallTreesLeadsToTheRootAndNoOther() {
        for size in 1...40 {
            let leaves = (0..<size).map { [UInt8($0)] }
            let root = Self.root(leaves)
            for index in 0..<size {
                let leaf = MerkleTree.leaf(leaves[index])
                let path = Self.path(index, leaves)
                #expect(MerkleTree.root(leaf: leaf, index: index, size: size, path: path) == root)
                #expect(MerkleTree.root(leaf: leaf, index: index, size: size, path: path + [root]) != root)
                if !path.isEmpty {
                    #expect(MerkleTree.root(leaf: leaf, index: index, size: size, path: path.dropLast()) != root)
                }
                for other in 0..<size where other != index {
                    #expect(MerkleTree.root(leaf: leaf, index: other, size: size, path: path) != root)
                }
            }
        }
    }

    @Test func impossiblePlacesHaveNoRoot() {
        let hash = [UInt8](repeating: 7, count: 32)
        for (index, size) in [(0, 0), (1, 1), (-1, 4), (4, 4), (Int.max, Int.max)] {
            #expect(MerkleTree.root(leaf: hash, index: index, size: size, path: []) == nil)
        }
        // A tree as large as numbers go, whose path would have 63 hashes.
        let path = Array(repeating: hash, count: 63)
        #expect(MerkleTree.root(leaf: hash, index: 0, size: .max, path: path) != nil)
        #expect(MerkleTree.root(leaf: hash, index: 0, size: .max, path: path.dropLast()) == nil)
        #expect(MerkleTree.root(leaf: hash, index: 0, size: .max, path: path + [hash]) == nil)
    }
}
