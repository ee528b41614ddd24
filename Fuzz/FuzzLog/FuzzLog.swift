// SPDX-License-Identifier: Apache-2.0

import CanonicalJSON
import Cryptography
import Fetching
import Signing
import Synchronization
import Transparency

/// libFuzzer's entry: any bytes as a checkpoint, as a log's entry with its proof, and as everything that a log answers.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLog(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard count > 0 else { return 0 }
    let input = UnsafeBufferPointer(start: start, count: count)
    let bytes = Array(input.dropFirst())
    switch input[0] {
    case UInt8(ascii: "n"): readCheckpoint(bytes)
    case UInt8(ascii: "e"):
        guard let json = try? JSON(parsing: bytes, depth: 32), let entry = try? LogEntry(json) else { break }
        precondition((try? entry.verify(in: Log.trusted, needsProof: false)) == nil, "the log has signed nothing")
        try? entry.check(isAbout: Log.item)
    case UInt8(ascii: "h"):
        // Index, size, then hashes of a path.
        guard bytes.count >= 2 else { break }
        let path = stride(from: 2, through: bytes.count - 32, by: 32).map { Array(bytes[$0..<$0 + 32]) }
        _ = MerkleTree.root(leaf: MerkleTree.leaf(bytes), index: Int(bytes[0]), size: Int(bytes[1]), path: path)
    case UInt8(ascii: "l"): askLog(bytes)
    default: break
    }
    return 0
}

private enum Log {
    static let key: PublicKey = {
        guard let key = try? PrivateKey(scalar: [UInt8](repeating: 7, count: 32)) else { fatalError("no key") }
        return key.publicKey
    }()
    static let trusted: TrustedRoot.Log = {
        let root =
            #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[{"baseUrl":"https://log.example.org","publicKey":{"rawBytes":""#
            + Base64.encode(key.der) + #"","validFor":{"start":"2020-01-01T00:00:00Z"}}}]}"#
        guard let log = (try? TrustedRoot(parsing: Array(root.utf8)))?.logs.first else { fatalError("no log") }
        return log
    }()
    static let item = SignedItem(signature: [1, 2, 3], verifier: .key(key), envelope: nil, digests: [.of("x")])
}

private func readCheckpoint(_ bytes: [UInt8]) {
    guard let note = String(validating: bytes, as: UTF8.self), let checkpoint = try? Checkpoint(parsing: note) else {
        return
    }
    precondition(!checkpoint.origin.isEmpty && checkpoint.size >= 0 && checkpoint.root.count == 32)
    precondition(checkpoint.signatures.count <= 64 && !checkpoint.signatures.isEmpty)
}

/// A log whose answers are the pieces of the input, one after the other: what it says of an entry, its checkpoint, its tiles.
private func askLog(_ bytes: [UInt8]) {
    let answers = Answers(bytes)
    guard let base = try? Locator("http://log.example.org") else { return }
    let client = LogClient(base, transport: answers, retries: RetrySchedule(delays: []))
    let done = Mutex(false)
    Task {
        if let submission = try? await client.submit(Log.item), case .existing(let index) = submission {
            _ = try? await client.entry(at: index, about: Log.item) { _ in [1] }
        }
        done.withLock { $0 = true }
    }
    while !done.withLock({ $0 }) {}
}

private final class Answers: Transport {
    private let pieces: Mutex<[[UInt8]]>

    init(_ bytes: [UInt8]) {
        pieces = Mutex(bytes.split(separator: 0xFF, omittingEmptySubsequences: false).map(Array.init).reversed())
    }

    func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        let piece = pieces.withLock { $0.popLast() } ?? []
        let status = [200, 409, 404, 500][Int(piece.first ?? 0) % 4]
        let head = ResponseHead(status: status, headers: [], url: request.url)
        if try sink.begin(head) { try piece.dropFirst().withUnsafeBytes { try sink.write($0) } }
        return head
    }
}
