// SPDX-License-Identifier: Apache-2.0

/// The signed indexes that a run fetched. Each is fetched once, so that an archive that moves on in the middle of a run
/// gives all its platforms and definitions the same one.
package actor FreshIndexes {
    private var fetches: [String: Task<[UInt8]?, any Error>] = [:]

    package init() {}

    /// - Parameter name: repository and path.
    /// - Returns: nil when the repository has no such file; failures, too, are the same for everybody who asks.
    func bytes(_ name: String, fetch: @escaping @Sendable () async throws -> [UInt8]?) async throws -> [UInt8]? {
        if let task = fetches[name] { return try await task.value }
        let task = Task { try await fetch() }
        fetches[name] = task
        return try await task.value
    }
}
