// SPDX-License-Identifier: Apache-2.0

internal import Attestations
package import Cryptography
package import Signing

/// A signer whose key is elsewhere: behind a socket, in a program, in hardware.
///
/// Nothing that it says is believed: every signature is verified before it is used.
package struct RemoteSigner: StatementSigner {
    private let channel: any SignerChannel
    package let publicKey: PublicKey

    /// - Parameter pinned: the key that the signer must have; without one it is asked for its key.
    package init(_ channel: any SignerChannel, pinned: PublicKey?) async throws {
        self.channel = channel
        if let pinned {
            publicKey = pinned
            return
        }
        guard case .publicKey(let key) = try await Self.ask(channel, .publicKey) else {
            throw SigningError(.unavailable, channel.name, "it does not say what its public key is")
        }
        publicKey = key
    }

    /// `unix:PATH`, or `exec:PROGRAM ARGUMENT…`.
    package static func channel(_ text: String) throws(SigningError) -> any SignerChannel {
        if text.hasPrefix("unix:") { return try SocketChannel(path: String(text.dropFirst(5))) }
        if text.hasPrefix("exec:") { return try CommandChannel(String(text.dropFirst(5))) }
        throw SigningError(.unavailable, text, "write unix:PATH or exec:PROGRAM")
    }

    package var isKeyAtHand: Bool { channel.isKeyAtHand }

    package func sign(_ request: SigningRequest) async throws -> [UInt8] {
        guard case .signature(let signature) = try await Self.ask(channel, .sign(request)) else {
            throw SigningError(.unavailable, channel.name, "it answers something else than a signature")
        }
        guard publicKey.verify(signature: signature, message: request.message) else {
            throw SigningError(
                .unavailable,
                channel.name,
                "its signature is not by the key \(publicKey.fingerprint), or not over what was sent"
            )
        }
        return signature
    }

    private static func ask(_ channel: any SignerChannel, _ request: SignerRequest) async throws -> SignerResponse {
        let bytes = request.bytes
        guard bytes.count <= SignerRequest.limit else {
            throw SigningError(.unavailable, channel.name, "the document is longer than what a signer takes")
        }
        let response = try SignerResponse(parsing: await channel.exchange(bytes), name: channel.name)
        switch response {
        case .refused(let reason): throw SigningError(.refused, request.title, reason)
        case .failed(let reason): throw SigningError(.unavailable, channel.name, reason)
        case .publicKey, .signature: return response
        }
    }
}

extension SignerRequest {
    /// For messages.
    fileprivate var title: String {
        switch self {
        case .publicKey: "to name its public key"
        case .sign(.simpleSigning): "a simple-signing document"
        case .sign(.statement(let bytes)):
            "a statement"
                + ((try? Statement(parsing: bytes, name: "")).map { " of the type \($0.predicateType)" } ?? "")
        }
    }
}
