// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Reads `file://` URLs and answers as a web server would, ranges included.
package struct FileTransport: Transport {
    package init() {}

    package func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        let path = request.url.decodedPath
        guard request.method == .get else {
            throw FetchError(.refused, "\(request.url) can only be read")
        }
        guard let status = FileStatus(of: path), status.isRegular else {
            if errno == EACCES { throw FetchError(.unauthorized, "'\(path)' may not be read") }
            let head = ResponseHead(status: 404, headers: [], url: request.url)
            _ = try sink.begin(head)
            return head
        }
        let start = request.headers.first { $0.name.lowercased() == "range" }.flatMap { Self.offset($0.value) } ?? 0
        guard start == 0 || start < status.size else {
            let head = ResponseHead(status: 416, headers: [], url: request.url)
            _ = try sink.begin(head)
            return head
        }
        var headers = [(name: "content-length", value: "\(status.size - start)")]
        if start > 0 { headers.append(("content-range", "bytes \(start)-\(status.size - 1)/\(status.size)")) }
        let head = ResponseHead(status: start > 0 ? 206 : 200, headers: headers, url: request.url)
        guard try sink.begin(head) else { return head }

        let file = try OpenFile.reading(path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var offset = start
        while true {
            try Task.checkCancellation()
            let count = try file.read(into: buffer, at: offset)
            if count == 0 { break }
            do {
                try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch is SinkIsFull {
                return head
            }
            offset += count
        }
        return head
    }

    /// `bytes=N-` gives N.
    private static func offset(_ range: String) -> Int? {
        guard range.hasPrefix("bytes="), range.hasSuffix("-") else { return nil }
        return Int(range.dropFirst(6).dropLast())
    }
}
