// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The certificates that a server shows.
///
/// When the TLS library refuses them it says no more than that it does. So a second connection, which sends nothing and is
/// given up at once, gets them, and libcrypto says what is wrong.
enum PeerCertificates {
    /// - Returns: DER, the server's own first; empty when it shows none any more.
    static func of(host: String, port: Int, timeout: Int) async -> [[UInt8]] {
        let address = HostAddress.withoutBrackets(host)
        let box = Box()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let context = try NIOSSLContext(configuration: .makeClientConfiguration())
            let name = HostAddress(host) == nil ? address : nil
            let channel = try await ClientBootstrap(group: group)
                .connectTimeout(.seconds(Int64(timeout)))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(
                            context: context,
                            serverHostname: name,
                            customVerificationCallback: { certificates, verdict in
                                box.chain.withLock { $0 = certificates.compactMap { try? $0.toDERBytes() } }
                                verdict.succeed(.failed)
                            }
                        )
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                }
                .connect(host: address, port: port).get()
            channel.eventLoop.scheduleTask(in: .seconds(Int64(timeout))) { channel.close(promise: nil) }
            try? await channel.closeFuture.get()
        } catch {
            // Whoever asked has an error to tell already.
        }
        try? await group.shutdownGracefully()
        return box.chain.withLock { $0 }
    }

    private final class Box: Sendable {
        let chain = Mutex<[[UInt8]]>([])
    }
}
