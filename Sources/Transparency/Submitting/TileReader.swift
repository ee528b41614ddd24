// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching

/// Reads a log from its tiles (C2SP tlog-tiles): 256 entries, or 256 hashes of one in eight levels, to a file.
final class TileReader {
    private let client: ServiceClient
    private let failure: (String) -> TransparencyError
    private var tiles: [String: [UInt8]] = [:]

    init(client: ServiceClient, failure: @escaping (String) -> TransparencyError) {
        self.client = client
        self.failure = failure
    }

    private func get(_ path: String) async throws -> [UInt8]? {
        let answer = try await client.call(
            TransportRequest(.get, client.base.appending("api/v2/\(path)")),
            error: failure
        )
        switch answer.status {
        case 200: return answer.body
        case 404: return nil
        default:
            throw failure(
                "it has the entry already, and does not let it be read: HTTP status \(answer.status)\(ServiceClient.quote(answer.body)) for api/v2/\(path)"
            )
        }
    }

    /// The log's checkpoint, once it covers the entry: one that was just submitted may not be integrated yet.
    func checkpoint(covering index: Int) async throws -> (note: String, Checkpoint) {
        var attempt = 0
        while true {
            guard let bytes = try await get("checkpoint"), let note = String(validating: bytes, as: UTF8.self) else {
                throw failure("it has the entry already, and gives no checkpoint")
            }
            let checkpoint = try Checkpoint(parsing: note)
            if checkpoint.size > index { return (note, checkpoint) }
            guard try await client.retries.wait(after: attempt) else {
                throw failure("it has an entry \(index), and its checkpoint does not cover it")
            }
            attempt += 1
        }
    }

    /// The entry's bytes, and the hashes that prove its place in the tree of that size.
    func proof(of index: Int, size: Int) async throws -> (body: [UInt8], path: [[UInt8]]) {
        let body = try await entry(index, size: size)
        var path: [[UInt8]] = []
        // RFC 6962 section 2.1.1, from the top down.
        var (low, high) = (0, size)
        while high - low > 1 {
            let middle = low + Self.split(high - low)
            if index < middle {
                path.append(try await hash(middle..<high, size: size))
                high = middle
            } else {
                path.append(try await hash(low..<middle, size: size))
                low = middle
            }
        }
        return (body, path.reversed())
    }

    /// The largest power of two below a number of at least two.
    private static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

    /// The root of a range of leaves, which begins where a subtree of its size may.
    private func hash(_ leaves: Range<Int>, size: Int) async throws -> [UInt8] {
        let count = leaves.count
        if count & (count - 1) == 0 {
            return try await node(level: count.trailingZeroBitCount, leaves.lowerBound, size: size)
        }
        let middle = leaves.lowerBound + Self.split(count)
        let left = try await hash(leaves.lowerBound..<middle, size: size)
        return MerkleTree.node(left, try await hash(middle..<leaves.upperBound, size: size))
    }

    /// The root of the full subtree of 2^level leaves from `start`.
    private func node(level: Int, _ start: Int, size: Int) async throws -> [UInt8] {
        let tileLevel = level / 8
        let first = start >> (8 * tileLevel)
        let count = 1 << (level % 8)
        let tile = try await self.tile("\(tileLevel)", number: first / 256, count: size >> (8 * tileLevel))
        let offset = first % 256
        guard tile.count >= (offset + count) * 32 else { throw failure("a tile of it is too short") }
        var hashes = (offset..<offset + count).map { Array(tile[$0 * 32..<($0 + 1) * 32]) }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { MerkleTree.node(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }

    private func entry(_ index: Int, size: Int) async throws -> [UInt8] {
        let bytes = try await tile("entries", number: index / 256, count: size)
        var position = 0
        for number in 0...index % 256 {
            guard position + 2 <= bytes.count else { break }
            let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
            position += 2
            guard position + length <= bytes.count else { break }
            if number == index % 256 { return Array(bytes[position..<position + length]) }
            position += length
        }
        throw failure("a bundle of its entries is too short")
    }

    /// A tile, or the part of it that there is in a tree with `count` things on its level. A log may drop a part once the
    /// whole is there.
    private func tile(_ kind: String, number: Int, count: Int) async throws -> [UInt8] {
        let name = "tile/\(kind)/\(Self.path(number))"
        let width = min(count - number * 256, 256)
        for path in width < 256 ? ["\(name).p/\(width)", name] : [name] {
            if let known = tiles[path] { return known }
            if let bytes = try await get(path) {
                // 256 hashes, or 256 entries of at most 64 KiB with two bytes in front of each.
                guard bytes.count <= (kind == "entries" ? 256 * 65_537 : 256 * 32) else {
                    throw failure("its tile api/v2/\(path) has \(bytes.count) bytes")
                }
                tiles[path] = bytes
                return bytes
            }
        }
        throw failure("it has the entry already, and its tile api/v2/\(name) is not there")
    }

    /// Groups of three digits, all but the last with an `x` in front: 1234067 is `x001/x234/067`.
    static func path(_ number: Int) -> String {
        var groups: [String] = []
        var rest = number
        repeat {
            let digits = String(rest % 1000)
            let padded = String(repeating: "0", count: 3 - digits.utf8.count) + digits
            groups.insert(groups.isEmpty ? padded : "x\(padded)", at: 0)
            rest /= 1000
        } while rest > 0
        return groups.joined(separator: "/")
    }
}
