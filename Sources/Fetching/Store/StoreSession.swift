// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// One process's share of the store's temporaries.
///
/// Each session holds the lock on a file of its own for as long as it lives, and its temporaries carry its name. The
/// system drops the lock when a process ends, also by SIGKILL or in another process name space, so whoever gets the lock
/// knows that the session is dead and may sweep up after it.
final class StoreSession: Sendable {
    private let directory: String
    private let name: String
    private let lock: OpenFile
    private let counter = Atomic<Int>(0)

    init(in directory: String) throws(FetchError) {
        try Files.makeDirectory(directory)
        // A sweeper may lock, and remove, the file between its making and our lock: then another name is tried.
        for _ in 0..<100 {
            let name = Files.randomName()
            let file = try OpenFile("\(directory)/\(name).lock", flags: O_RDWR | O_CREAT | O_EXCL, action: "write")
            if file.tryLock(), file.isInPlace {
                self.directory = directory
                self.name = name
                self.lock = file
                return
            }
        }
        throw FetchError(.storage, "cannot lock a file in '\(directory)'", hint: "its file system must know flock(2)")
    }

    deinit { Files.remove(lock.path) }

    /// A path that nothing else uses.
    func temporary() -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
        return "\(directory)/\(name)-\(number)"
    }

    /// Removes what dead sessions left behind.
    static func sweep(_ directory: String) {
        let names = Files.names(in: directory)
        for name in names where name.hasSuffix(".lock") {
            guard let file = try? OpenFile("\(directory)/\(name)", flags: O_RDWR, action: "sweep"), file.tryLock()
            else {
                continue
            }
            let prefix = name.dropLast(5) + "-"
            for leftover in names where leftover.hasPrefix(prefix) { Files.remove("\(directory)/\(leftover)") }
            Files.remove(file.path)
        }
    }
}
