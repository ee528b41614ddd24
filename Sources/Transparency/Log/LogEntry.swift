// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON
internal import Cryptography
internal import Signing

/// An entry of a Rekor log, with what proves that the log holds it (protobuf-specs, sigstore_rekor.proto,
/// TransparencyLogEntry).
package struct LogEntry: Sendable {
    package struct Proof: Sendable {
        package var index: Int
        package var size: Int
        package var root: [UInt8]
        package var hashes: [[UInt8]]
        /// Nil in the oldest bundles.
        package var checkpoint: Checkpoint?
    }

    package var logID: [UInt8]
    package var index: Int
    package var kind: String
    package var version: String
    /// When the log says that it took the entry, in seconds since the epoch; nothing proves it but the promise.
    package var integratedTime: Int?
    /// The log's signature over body, time, log and index, of Rekor's first version.
    package var promise: [UInt8]?
    package var proof: Proof?
    /// What the log holds.
    package var body: [UInt8]

    package init(_ json: JSON) throws(TransparencyError) {
        func fail(_ reason: String) -> TransparencyError {
            TransparencyError(.logEntry, "the log entry is malformed: \(reason)")
        }
        func bytes(_ json: JSON?) -> [UInt8]? { json?.text.flatMap { Base64.decode(lenient: $0) } }
        guard let identifier = bytes(json["logId"]?["keyId"]), !identifier.isEmpty else {
            throw fail("it names no log")
        }
        logID = identifier
        // protobuf's JSON leaves out a zero.
        guard let index = LogEntry.number(json.present("logIndex") ?? 0) else {
            throw fail("its index is no number from 0")
        }
        self.index = index
        guard let kind = json["kindVersion"]?["kind"]?.text, let version = json["kindVersion"]?["version"]?.text else {
            throw fail("it has no kind")
        }
        (self.kind, self.version) = (kind, version)
        guard let time = LogEntry.number(json.present("integratedTime") ?? 0) else {
            throw fail("its time is no number")
        }
        integratedTime = time == 0 ? nil : time
        if let promise = json.present("inclusionPromise") {
            guard let signature = bytes(promise["signedEntryTimestamp"]), !signature.isEmpty else {
                throw fail("its inclusion promise is not in Base64")
            }
            self.promise = signature
        }
        proof = try json.present("inclusionProof").map { (json) throws(TransparencyError) in try Proof(json) }
        guard let body = bytes(json["canonicalizedBody"]), !body.isEmpty else { throw fail("it has no body in Base64") }
        self.body = body
    }

    /// A number of at least 0, as protobuf's JSON writes it: 64-bit ones are strings.
    static func number(_ json: JSON) -> Int? {
        guard let number = json.int ?? json.text.flatMap({ Int($0) }), number >= 0 else { return nil }
        return number
    }
}

extension LogEntry.Proof {
    fileprivate init(_ json: JSON) throws(TransparencyError) {
        func fail(_ reason: String) -> TransparencyError {
            TransparencyError(.logEntry, "the log entry's inclusion proof is malformed: \(reason)")
        }
        func hash(_ json: JSON?) throws(TransparencyError) -> [UInt8] {
            guard let bytes = json?.text.flatMap({ Base64.decode(lenient: $0) }), bytes.count == 32 else {
                throw fail("a hash is no SHA-256 in Base64")
            }
            return bytes
        }
        guard let index = LogEntry.number(json.present("logIndex") ?? 0),
            let size = json.present("treeSize").flatMap(LogEntry.number), index < size
        else { throw fail("its index is not below its tree's size") }
        self.index = index
        self.size = size
        root = try hash(json["rootHash"])
        let path = json.present("hashes")?.elements ?? []
        guard path.count <= 63 else { throw fail("it has more hashes than a tree has levels") }
        hashes = []
        for entry in path { hashes.append(try hash(entry)) }
        if let note = json.present("checkpoint")?.present("envelope") {
            guard let text = note.text else { throw fail("its checkpoint is no text") }
            checkpoint = try Checkpoint(parsing: text)
        } else {
            checkpoint = nil
        }
    }
}
