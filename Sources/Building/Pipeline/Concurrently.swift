// SPDX-License-Identifier: Apache-2.0

/// Works on several items at the same time.
///
/// - Returns: the results in the order of the items.
/// - Throws: of several failures the first in that order, so that no message depends on which came first.
func concurrently<Item: Sendable, Value: Sendable>(
    _ items: [Item],
    _ work: @escaping @Sendable (Item) async throws -> Value
) async throws -> [Value] {
    let results = await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        for (position, item) in items.enumerated() {
            group.addTask {
                do { return (position, .success(try await work(item))) } catch { return (position, .failure(error)) }
            }
        }
        var results = [Result<Value, any Error>?](repeating: nil, count: items.count)
        for await (position, result) in group { results[position] = result }
        return results.compactMap { $0 }
    }
    return try results.map { try $0.get() }
}
