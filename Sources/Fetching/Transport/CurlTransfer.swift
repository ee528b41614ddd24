// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Glibc
internal import Synchronization

/// One request and its answer on libcurl. Its state belongs to the engine's thread; only `cancel` comes from elsewhere.
final class CurlTransfer: @unchecked Sendable {
    let handle: UnsafeMutableRawPointer
    var continuation: CheckedContinuation<ResponseHead, any Error>?

    private let request: TransportRequest
    private let sink: any ResponseSink
    private var list: UnsafeMutablePointer<curl_slist>?
    private var file: OpenFile?
    private var sentCount = 0

    private var status = 0
    private var headers: [(name: String, value: String)] = []
    private var head: ResponseHead?
    private var wantsBody = false
    /// Bytes of an unwanted body; a long one ends the transfer.
    private var dropped = 0
    private var failure: (any Error)?
    private let errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private let cancelled = Atomic<Bool>(false)

    private static let dropLimit = 1 << 20
    private static let headerLimit = 512

    init(
        _ request: TransportRequest, sink: any ResponseSink, settings: HTTPTransport.Settings, authorities: [UInt8]?
    ) throws(FetchError) {
        guard let handle = curl_easy_init() else { throw FetchError(.storage, "libcurl gives no handle") }
        self.handle = handle
        self.request = request
        self.sink = sink
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        if case .file(let path, _) = request.body { file = try OpenFile.reading(path) }
        configure(settings, authorities)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(list)
        errorBuffer.deallocate()
    }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }
    func cancel() { cancelled.store(true, ordering: .relaxed) }

    // MARK: Setting up

    private func configure(_ settings: HTTPTransport.Settings, _ authorities: [UInt8]?) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        _ = basalt_curl_set_string(handle, CURLOPT_URL, request.url.text)
        _ = basalt_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = basalt_curl_set_string(handle, CURLOPT_USERAGENT, settings.userAgent)
        _ = basalt_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = basalt_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout)
        _ = basalt_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, settings.stallRate)
        _ = basalt_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, settings.stallTimeout)
        _ = basalt_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
        _ = basalt_curl_set_long(handle, CURLOPT_BUFFERSIZE, 1 << 18)
        _ = basalt_curl_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        _ = basalt_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer)
        if request.usesNetrc { _ = basalt_curl_set_long(handle, CURLOPT_NETRC, Int(CURL_NETRC_OPTIONAL.rawValue)) }
        if var authorities {
            _ = authorities.withUnsafeMutableBytes {
                basalt_curl_set_blob(handle, CURLOPT_CAINFO_BLOB, $0.baseAddress, $0.count)
            }
        } else if let path = settings.authorities {
            _ = basalt_curl_set_string(handle, CURLOPT_CAINFO, path)
        }
        for header in request.headers { list = curl_slist_append(list, "\(header.name): \(header.value)") }
        configureMethod(this)
        // Without it, uploads wait a second for a "100 Continue" that many servers never send.
        list = curl_slist_append(list, "Expect:")
        _ = basalt_curl_set_list(handle, list)
        _ = basalt_curl_set_pointer(handle, CURLOPT_HEADERDATA, this)
        _ = basalt_curl_set_pointer(handle, CURLOPT_WRITEDATA, this)
        _ = basalt_curl_set_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            CurlTransfer.from(context)?.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
        _ = basalt_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            CurlTransfer.from(context)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
        }
    }

    private func configureMethod(_ this: UnsafeMutableRawPointer) {
        switch request.method {
        case .get: _ = basalt_curl_set_long(handle, CURLOPT_HTTPGET, 1)
        case .head: _ = basalt_curl_set_long(handle, CURLOPT_NOBODY, 1)
        case .delete: _ = basalt_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, "DELETE")
        case .put, .post, .patch:
            _ = basalt_curl_set_long(handle, CURLOPT_UPLOAD, 1)
            _ = basalt_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            _ = basalt_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.body?.count ?? 0))
            _ = basalt_curl_set_pointer(handle, CURLOPT_READDATA, this)
            _ = basalt_curl_set_pointer(handle, CURLOPT_SEEKDATA, this)
            _ = basalt_curl_set_read(handle) { buffer, size, count, context in
                guard let buffer else { return 0 }
                let window = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
                return CurlTransfer.from(context)?.supply(window) ?? Int(CURL_READFUNC_ABORT)
            }
            _ = basalt_curl_set_seek(handle) { context, offset, origin in
                guard origin == SEEK_SET, let transfer = CurlTransfer.from(context) else { return CURL_SEEKFUNC_FAIL }
                transfer.sentCount = Int(offset)
                return CURL_SEEKFUNC_OK
            }
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
        context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: Streaming

    private func supply(_ window: UnsafeMutableRawBufferPointer) -> Int {
        do {
            let count: Int
            switch request.body {
            case nil: count = 0
            case .bytes(let bytes):
                count = min(window.count, bytes.count - sentCount)
                if count > 0 { window.copyBytes(from: bytes[sentCount..<(sentCount + count)]) }
            case .file(_, let range):
                let part = UnsafeMutableRawBufferPointer(rebasing: window[..<min(window.count, range.count - sentCount)])
                count = try file?.read(into: part, at: range.lowerBound + sentCount) ?? 0
            }
            sentCount += count
            if count > 0 { sink.sent(count) }
            return count
        } catch {
            failure = error
            return Int(CURL_READFUNC_ABORT)
        }
    }

    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        var line = String(decoding: bytes, as: UTF8.self)[...]
        while let last = line.utf8.last, last == 0x0A || last == 0x0D { line = Substring(line.utf8.dropLast()) }
        if line.hasPrefix("HTTP/") {
            status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
            headers = []
            head = nil
        } else if line.isEmpty {
            // Interim answers (1xx) are followed by the real one; fields behind a body are not of interest.
            if status >= 200, head == nil { return begin() ? bytes.count : 0 }
        } else if let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), headers.count < Self.headerLimit {
            let value = line[line.utf8.index(after: colon)...]
            headers.append((line[..<colon].lowercased(), Self.trim(value)))
        }
        return bytes.count
    }

    private static func trim(_ text: Substring) -> String {
        var bytes = text.utf8
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes = bytes.dropLast() }
        return String(Substring(bytes))
    }

    private func begin() -> Bool {
        let head = ResponseHead(status: status, headers: headers, url: request.url)
        self.head = head
        do {
            wantsBody = try sink.begin(head)
            return true
        } catch {
            failure = error
            return false
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard wantsBody else {
            dropped += bytes.count
            return dropped > Self.dropLimit ? 0 : bytes.count
        }
        do {
            try sink.write(bytes)
            return bytes.count
        } catch {
            failure = error
            return 0
        }
    }

    // MARK: Ending

    func fail(_ error: any Error) {
        continuation?.resume(throwing: error)
        continuation = nil
    }

    func complete(_ result: CURLcode) {
        if let failure { return fail(failure) }
        if result == CURLE_OK || (result == CURLE_WRITE_ERROR && dropped > Self.dropLimit), let head {
            continuation?.resume(returning: head)
            continuation = nil
            return
        }
        fail(CurlFailure.describe(result, detail: String(cString: errorBuffer), url: request.url))
    }
}

/// Puts libcurl's result codes into words.
private enum CurlFailure {
    static func describe(_ result: CURLcode, detail: String, url: Locator) -> FetchError {
        let reason = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
        switch result {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM:
            return FetchError(
                .unauthorized, "the certificate of \(url.authority) is not trusted: \(reason)",
                hint: "name the file with its authority's certificate (SSL_CERT_FILE)")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return FetchError(.invalidURL, "\(url) cannot be fetched: \(reason)")
        default:
            return FetchError(
                .unreachable, "no complete answer from \(url.authority): \(reason)",
                hint: "check the network, the proxy settings and the mirror's place")
        }
    }
}
