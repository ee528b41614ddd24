// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore

/// A range of a file as the body of a request: a part is read when the connection has taken the one before.
struct FileBody: Sendable {
    let file: OpenFile
    let range: Range<Int>
    /// Told of every part that the connection has taken.
    let sent: @Sendable (Int) -> Void

    /// Small enough that a slow connection takes several within the time in which it must get ahead.
    private static let part = 1 << 16

    var body: HTTPClient.Body {
        .stream(contentLength: Int64(range.count)) { [self] writer in
            // The loop on which the request runs is known by what a write gives back.
            writer.write(.byteBuffer(ByteBuffer())).flatMapWithEventLoop { _, loop in
                let done = loop.makePromise(of: Void.self)
                write(from: range.lowerBound, to: writer, done)
                return done.futureResult
            }
        }
    }

    private func write(from offset: Int, to writer: HTTPClient.Body.StreamWriter, _ done: EventLoopPromise<Void>) {
        guard offset < range.upperBound else { return done.succeed() }
        do throws(FetchError) {
            let part = try read(at: offset)
            let count = part.readableBytes
            writer.write(.byteBuffer(part)).whenComplete { result in
                switch result {
                case .success:
                    sent(count)
                    // Not at once, so that a connection which takes everything does not let the stack grow.
                    done.futureResult.eventLoop.execute { write(from: offset + count, to: writer, done) }
                case .failure(let error): done.fail(error)
                }
            }
        } catch {
            done.fail(error)
        }
    }

    private func read(at offset: Int) throws(FetchError) -> ByteBuffer {
        let wanted = min(Self.part, range.upperBound - offset)
        var failure: FetchError?
        let buffer = ByteBuffer(capacity: wanted) { room in
            do throws(FetchError) {
                return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: room[..<wanted]), at: offset)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        guard buffer.readableBytes == wanted else {
            throw FetchError(.storage, "'\(file.path)' became shorter while it was sent")
        }
        return buffer
    }
}

extension ByteBuffer {
    fileprivate init(capacity: Int, filling fill: (UnsafeMutableRawBufferPointer) -> Int) {
        self = ByteBufferAllocator().buffer(capacity: capacity)
        writeWithUnsafeMutableBytes(minimumWritableBytes: capacity, fill)
    }
}
