// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics
internal import Glibc

/// Standard output and error as byte streams, and what is known of the terminal behind them.
enum Terminal {
    static let isErrorTTY = isatty(2) == 1

    /// Whether colour is wanted (no-color.org).
    static let hasColour: Bool = {
        guard isErrorTTY, let term = getenv("TERM"), strcmp(term, "dumb") != 0 else { return false }
        guard let value = getenv("NO_COLOR") else { return true }
        return value.pointee == 0
    }()

    /// Columns of the terminal on standard error; 80 where it does not say.
    static var columns: Int {
        var size = winsize()
        return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    static func out(_ text: String) { write(1, text) }
    static func error(_ text: String) { write(2, text) }

    private static func write(_ descriptor: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    // Somebody who shares it has made it non-blocking.
                    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wanted, 1, -1)
                    continue
                }
                // Whoever read our output has seen enough: success, as for every filter.
                if errno == EPIPE && descriptor == 1 { exit(0) }
                if descriptor == 1 {
                    // Whoever keeps half a document must not think that it is the whole.
                    error("error: standard output cannot be written: \(String(cString: strerror(errno)))\n")
                    exit(Reporting.exitCode(.environment))
                }
                return
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
