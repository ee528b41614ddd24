// SPDX-License-Identifier: Apache-2.0

/// A way to a signer: takes a request, gives its answer.
package protocol SignerChannel: Sendable {
    /// For messages.
    var name: String { get }
    /// Whether whoever answers is known to be somebody whose key this process could read.
    var isKeyAtHand: Bool { get }
    func exchange(_ request: [UInt8]) async throws -> [UInt8]
}
