// SPDX-License-Identifier: Apache-2.0

package import Fetching
internal import Glibc
internal import OCI

/// The right to replace a layout, which one process has at a time.
///
/// A layout that is added to is read, completed and replaced whole; of two who do that at once, the later would take away
/// what the earlier added. The lock is flock(2)'s on a hidden file beside the layout: the layout itself is another directory
/// after each rename, and network file systems do not lock directories. The file goes with the lock; one that a killed process
/// left is locked by nobody, and serves the next.
package final class LayoutLock: Sendable {
    private let file: OpenFile
    /// The layout that was there when it was locked.
    private let layout: OpenFile?
    private static let step = Duration.milliseconds(50)

    private init(file: OpenFile, layout: OpenFile?) {
        self.file = file
        self.layout = layout
    }

    /// Waits until nobody else has the lock.
    ///
    /// - Parameter observer: is told, once, that there is somebody to wait for.
    /// - Throws: `OCIError` where nothing can be written beside the layout.
    package static func acquire(_ directory: String, observer: FetchObserver) async throws -> LayoutLock {
        var target = Files.absolute(directory)
        while target.count > 1 && target.hasSuffix("/") { target.removeLast() }
        let name = target.split(separator: "/").last.map(String.init) ?? ""
        let path = "\(Files.directory(of: target))/.\(name).lock"
        var isWaiting = false
        while true {
            let file: OpenFile
            do {
                file = try OpenFile(path, flags: O_RDWR | O_CREAT, action: "make")
            } catch {
                throw OCIError(.inputOutput, directory, "it cannot be locked: \(error.message)")
            }
            if file.tryLock() {
                // Whoever had it before has removed the file, and others may have made another.
                guard file.isInPlace else { continue }
                return LayoutLock(file: file, layout: try? OpenFile.reading(target))
            }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw OCIError(.inputOutput, directory, "it cannot be locked: \(String(cString: strerror(errno)))")
            }
            if !isWaiting {
                isWaiting = true
                let state = FetchProgress.State.retrying(reason: "another process is writing it")
                observer(FetchProgress(item: directory, received: 0, total: nil, state: state))
            }
            try await Task.sleep(for: step)
        }
    }

    /// Whether the layout is still the one that was locked: a build, which makes a new one, does not ask for the lock.
    package var isCurrent: Bool { layout?.isInPlace ?? false }

    /// Lets the next one in. To be called once, when the layout is written.
    package func release() { Files.remove(file.path) }
}
