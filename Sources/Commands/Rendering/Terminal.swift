// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

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

    /// Why standard output takes no more (errno); 0 while it does. The run goes on to its end: it has files to remove, and an
    /// answer that its exit code gives.
    private static let broken = Mutex<Int32>(0)

    /// What is wrong with standard output, for a reader who would take what was printed for the whole; nil where nothing is, and
    /// where whoever read it has seen enough.
    static var failure: String? {
        let code = broken.withLock { $0 }
        return code == 0 || code == EPIPE ? nil : String(cString: strerror(code))
    }

    static func out(_ text: String) {
        guard broken.withLock({ $0 }) == 0 else { return }
        let code = write(1, text)
        if code != 0 { broken.withLock { $0 = code } }
    }

    static func error(_ text: String) { _ = write(2, text) }

    /// - Returns: why not all of it was written (errno); 0 when it was.
    private static func write(_ descriptor: Int32, _ text: String) -> Int32 {
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
                return errno
            }
            bytes = bytes.dropFirst(count)
        }
        return 0
    }
}
