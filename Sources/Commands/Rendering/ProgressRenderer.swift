// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import Diagnostics
internal import Fetching
internal import Synchronization

/// Shows how a build comes on: one moving line on a terminal, a plain line for each stage elsewhere.
final class ProgressRenderer: Sendable {
    private struct State {
        var title = ""
        var done = 0
        var total = 0
        /// Bytes received and expected of each item under way or finished.
        var items: [String: (received: Int, total: Int)] = [:]
        var isFetching = false
        var shown = ""
        var warned: Set<String> = []
    }

    private let state = Mutex(State())
    private let isQuiet: Bool
    private let isLive: Bool

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isLive = Terminal.isErrorTTY && !isQuiet
    }

    var observer: BuildObserver { { [self] in show($0) } }

    /// Removes the moving line, before anything else is printed.
    func clear() {
        guard isLive else { return }
        state.withLock { state in
            if !state.shown.isEmpty { Terminal.error("\r\u{1B}[K") }
            state.shown = ""
        }
    }

    private func show(_ event: BuildEvent) {
        if isQuiet { return }
        state.withLock { state in
            switch event {
            case .began(let stage, let definition, let platform):
                state.title = stage.title
                state.done = 0
                state.total = 0
                state.isFetching = stage == .fetch || stage == .resolve
                if !isLive {
                    Terminal.error("\(definition)\(platform.map { " (\($0))" } ?? ""): \(stage.title)\n")
                }
            case .advanced(_, _, _, let done, let total):
                state.done = done
                state.total = total
            case .fetch(let progress):
                switch progress.state {
                case .running, .finished, .sent:
                    state.items[progress.item] = (progress.received, progress.total ?? progress.received)
                    state.isFetching = true
                    if !isLive, progress.state != .running {
                        let done = progress.state == .sent ? "sent" : "fetched"
                        Terminal.error("  \(done) \(PlainText.of(progress.item)), \(Size.text(progress.received))\n")
                    }
                case .retrying(let reason):
                    line(
                        "  trying again: \(PlainText.of(progress.item)): \(PlainText.of(reason, limit: 1_000))",
                        &state
                    )
                case .present: break
                case .failed: state.items[progress.item] = nil
                }
            case .warning(let text):
                if state.warned.insert(text).inserted { line("warning: \(PlainText.lines(text))", &state) }
            }
            if isLive { redraw(&state) }
        }
    }

    /// A line that stays.
    private func line(_ text: String, _ state: inout State) {
        Terminal.error((isLive ? "\r\u{1B}[K" : "") + text + "\n")
        state.shown = ""
    }

    private func redraw(_ state: inout State) {
        var line = state.title
        if state.isFetching, !state.items.isEmpty {
            let received = state.items.values.reduce(0) { $0 + $1.received }
            let total = state.items.values.reduce(0) { $0 + max($1.total, $1.received) }
            line +=
                "  \(Self.bar(received, of: total))  \(Size.text(received)) of \(Size.text(total)), \(state.items.count) files"
        } else if state.total > 0 {
            line += "  \(Self.bar(state.done, of: state.total))  \(state.done)/\(state.total)"
        }
        line = String(line.prefix(max(Terminal.columns - 1, 20)))
        guard line != state.shown else { return }
        state.shown = line
        Terminal.error("\r\u{1B}[K" + line)
    }

    private static func bar(_ done: Int, of total: Int) -> String {
        let width = 24
        let filled = total > 0 ? min(done * width / total, width) : 0
        return "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled) + "]"
    }
}
