// SPDX-License-Identifier: Apache-2.0

internal import Packages

/// The indexes that were opened in this run: many definitions ask the same ones, which are fetched and checked once.
actor OpenUniverses {
    struct Key: Hashable {
        var repositories: [Repository]
        var platform: Platform
        /// Where keys of the definitions' repository lie.
        var root: String
    }

    private var universes: [Key: Task<any Universe, any Error>] = [:]

    /// The universe, opened by the first who asks; a failure is remembered as well.
    func universe(
        _ key: Key,
        open: @escaping @Sendable () async throws -> any Universe
    ) async throws -> any Universe {
        if let task = universes[key] { return try await task.value }
        let task = Task { try await open() }
        universes[key] = task
        return try await task.value
    }
}
