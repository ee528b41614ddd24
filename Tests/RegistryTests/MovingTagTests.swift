// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Fetching
import OCI
import Synchronization
import TestSupport
import Testing

@testable import Registry

/// Names that lead elsewhere while somebody works with them.
@Suite struct MovingTagTests {
    /// A registry whose tag `1.0` is moved as soon as somebody has looked at it.
    private func registry(_ bench: ImageBench) throws -> FakeRegistry {
        let looks = Mutex(0)
        var behaviour = FakeRegistry.Behaviour()
        behaviour.intercept = { request, client, registry in
            guard request.method == "GET", request.path == "/v2/team/image/manifests/1.0" else { return false }
            let isLater = looks.withLock { looks in
                looks += 1
                return looks > 1
            }
            if isLater {
                registry.state.withLock { (state: inout FakeRegistry.State) -> Void in
                    state.repositories["team/image"]?.tags["1.0"] = bench.children[0].description
                }
            }
            return false
        }
        return try FakeRegistry(behaviour)
    }

    @Test func anOpenedImageStaysTheSame() async throws {
        let bench = try ImageBench()
        let source = try FakeRegistry()
        defer { source.stop() }
        _ = try await bench.push(source)
        let image = try await bench.transfer().open(.init("\(source.host)/team/image:1.0"))
        #expect(try await image.root().digest == bench.root)
        source.state.withLock { (state: inout FakeRegistry.State) -> Void in
            state.repositories["team/image"]?.tags["1.0"] = bench.children[0].description
        }
        #expect(try await image.root().digest == bench.root)
        let again = try await bench.transfer().open(.init("\(source.host)/team/image:1.0"))
        #expect(try await again.root().digest == bench.children[0])
    }

    @Test func whatIsCopiedIsWhatTheDigestWasComparedWith() async throws {
        let bench = try ImageBench()
        let first = try registry(bench)
        let second = try FakeRegistry()
        defer {
            first.stop()
            second.stop()
        }
        // Written without a look at the tag: what looks at it is the copying alone.
        let target = try RegistryReference("\(first.host)/team/image@\(bench.root)")
        _ = try await bench.transfer().copy(from: .init(bench.layout), to: .registry(target))
        first.state.withLock { (state: inout FakeRegistry.State) -> Void in
            state.repositories["team/image"]?.tags["1.0"] = bench.root.description
        }
        let report = try await bench.transfer().copy(
            from: .init("\(first.host)/team/image:1.0"),
            to: .init("\(second.host)/a:x@\(bench.root)")
        )
        #expect(report.digest == bench.root)
        #expect(second.repository("a").tags["x"] == bench.root.description)
    }

    @Test func aLayoutsNameThatCanBeNoTagIsNotPushed() async throws {
        let bench = try ImageBench()
        let registry = try FakeRegistry()
        defer { registry.stop() }
        var draft = LayoutDraft(try Layout(directory: bench.layout))
        let entry = try #require(draft.entries.first { $0.digest == bench.root })
        draft.unlist(tag: "1.0")
        draft.list(entry, tag: "../../other/manifests/1.0")
        try draft.write(to: bench.directory.path("odd"))
        let error = await failure {
            try await bench.transfer().copy(
                from: .init(layout: bench.directory.path("odd")),
                to: .init(registry: "\(registry.host)/team/image")
            )
        }
        #expect((error as? RegistryError)?.kind == .invalidReference)
        #expect(registry.log == [])
    }
}

@Suite struct LayoutLockTests {
    @Test(.timeLimit(.minutes(5)))
    func oneAtATimeAndNothingIsLeft() async throws {
        let bench = try ImageBench()
        let before = bench.directory.files()
        let told = Mutex<[FetchProgress]>([])
        let order = Mutex<[String]>([])
        let first = try await LayoutLock.acquire(bench.layout) { _ in }
        let second = Task {
            let lock = try await LayoutLock.acquire(bench.layout + "/") { event in told.withLock { $0.append(event) } }
            order.withLock { $0.append("second") }
            defer { lock.release() }
            return lock.isCurrent
        }
        while told.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(5)) }
        // What waits is for the layout that is there afterwards.
        try LayoutDraft(try Layout(directory: bench.layout)).write(to: bench.layout)
        #expect(!first.isCurrent)
        order.withLock { $0.append("first") }
        first.release()
        withExtendedLifetime(first) {}
        #expect(try await second.value)
        #expect(order.withLock { $0 } == ["first", "second"])
        #expect(told.withLock { $0.count } == 1)
        #expect(bench.directory.files() == before)
    }
}
