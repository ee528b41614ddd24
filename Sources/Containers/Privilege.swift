// SPDX-License-Identifier: Apache-2.0

internal import Fetching
internal import Glibc

/// What this process may do with users.
enum Privilege: Hashable, Sendable {
    /// Root, who may give files to others and become them.
    case everyUser
    /// The root of a user namespace in which there is nobody else.
    case namespaceRoot
    case user

    static let current: Privilege = {
        guard geteuid() == 0 else { return .user }
        // Three numbers a line, the last of which counts users (user_namespaces(7)).
        let map = (try? Files.read("/proc/self/uid_map", limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
        let counts = (map ?? "").split(separator: "\n").compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        return counts.reduce(0, +) == 1 ? .namespaceRoot : .everyUser
    }()
}
