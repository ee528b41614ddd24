// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Glibc
internal import Synchronization

/// One thread that drives all transfers: they share connections, name lookups and the parsed certificates.
final class CurlEngine: Sendable {
    private struct State {
        var arrived: [CurlTransfer] = []
        var isStopping = false
        var isRunning = false
    }

    /// The multi handle; only `curl_multi_wakeup` may be called on it from other threads.
    private struct Multi: @unchecked Sendable { let handle: UnsafeMutableRawPointer }

    private let multi: Multi
    private let settings: HTTPTransport.Settings
    /// Certificates to trust, when there are more than libcurl finds by itself.
    private let authorities: [UInt8]?
    private let state = Mutex(State())

    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ settings: HTTPTransport.Settings) throws(FetchError) {
        guard Self.isReady, let handle = curl_multi_init() else {
            throw FetchError(.storage, "libcurl cannot be initialised")
        }
        _ = basalt_curl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, settings.connectionsPerHost)
        multi = Multi(handle: handle)
        self.settings = settings
        authorities = try settings.extraAuthorities.map { (path) throws(FetchError) in
            let extra = try Files.read(path, limit: 1 << 24)
            let system = settings.authorities ?? Self.systemAuthorities.first(where: Files.exists)
            return try system.map { (path) throws(FetchError) in try Files.read(path, limit: 1 << 26) + [0x0A] + extra } ?? extra
        }
    }

    /// Where distributions keep their bundle of certificates.
    private static let systemAuthorities = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    func send(_ request: TransportRequest, into sink: any ResponseSink) async throws -> ResponseHead {
        try Task.checkCancellation()
        let transfer = try CurlTransfer(request, sink: sink, settings: settings, authorities: authorities)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                transfer.continuation = continuation
                enqueue(transfer)
            }
        } onCancel: {
            transfer.cancel()
            curl_multi_wakeup(multi.handle)
        }
    }

    private func enqueue(_ transfer: CurlTransfer) {
        let needsThread = state.withLock { state in
            state.arrived.append(transfer)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if needsThread {
            startThread()
        } else {
            curl_multi_wakeup(multi.handle)
        }
    }

    func stop() {
        // Within the lock: the thread looks there before it frees the handle.
        let isRunning = state.withLock { state in
            state.isStopping = true
            if state.isRunning { curl_multi_wakeup(multi.handle) }
            return state.isRunning
        }
        if !isRunning { curl_multi_cleanup(multi.handle) }
    }

    private func startThread() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(&thread, nil, { context in
            guard let context else { return nil }
            // A peer that hangs up must not end the process; the signal goes to the thread that writes.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            Unmanaged<CurlEngine>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }, context)
        if result == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<CurlEngine>.fromOpaque(context).release()
            let lost = state.withLock { state in
                state.isRunning = false
                defer { state.arrived = [] }
                return state.arrived
            }
            for transfer in lost { transfer.fail(FetchError(.storage, "cannot start a thread for the network")) }
        }
    }

    // MARK: On the thread

    private func run() {
        var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
        while true {
            let (arrived, isStopping) = state.withLock { state in
                defer { state.arrived = [] }
                return (state.arrived, state.isStopping)
            }
            for transfer in arrived {
                guard curl_multi_add_handle(multi.handle, transfer.handle) == CURLM_OK else {
                    transfer.fail(FetchError(.storage, "libcurl does not take the request"))
                    continue
                }
                running[transfer.handle] = transfer
            }
            if isStopping && running.isEmpty { break }
            for (handle, transfer) in running where transfer.isCancelled {
                curl_multi_remove_handle(multi.handle, handle)
                running[handle] = nil
                transfer.fail(CancellationError())
            }
            var active: Int32 = 0
            curl_multi_perform(multi.handle, &active)
            var waiting: Int32 = 0
            while let message = curl_multi_info_read(multi.handle, &waiting) {
                guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
                // The message does not outlive the removal.
                let result = basalt_curl_result(message)
                curl_multi_remove_handle(multi.handle, handle)
                running.removeValue(forKey: handle)?.complete(result)
            }
            curl_multi_poll(multi.handle, nil, 0, running.isEmpty ? 60_000 : 1_000, nil)
        }
        curl_multi_cleanup(multi.handle)
    }
}
