// SPDX-License-Identifier: Apache-2.0

/// A command of a definition's test, as a process in a container.
package enum ContainerCommand: Hashable, Sendable {
    package struct Process: Hashable, Sendable {
        /// Replaces the image's entry point; nil keeps it.
        package var entrypoint: [String]?
        /// Replaces the image's command; empty keeps it, unless the entry point is replaced.
        package var arguments: [String]
        /// `NAME=value`, added to the image's own.
        package var environment: [String] = []
        package var user: String?
        package var directory: String?

        package init(entrypoint: [String]? = nil, arguments: [String]) {
            self.entrypoint = entrypoint
            self.arguments = arguments
        }
    }

    case process(Process)
    /// What cannot be run in a container, and why.
    case unsupported(String)

    /// The variables by which commands name the image that is tested.
    private static let images: Set<String> = ["${DHI_TEST_IMAGE}", "$DHI_TEST_IMAGE", "${IMAGE}", "$IMAGE"]
    /// Options of `docker run` that change nothing here, and those that take a value and change nothing.
    private static let ignored: Set<String> = [
        "--rm", "-i", "-t", "-it", "-ti", "--interactive", "--tty", "--read-only", "--init", "--pull=never",
        "--network=none",
    ]
    private static let ignoredWithValue: Set<String> = [
        "--network", "--net", "--platform", "--pull", "--name", "--tmpfs",
    ]

    /// Reads a command.
    ///
    /// The catalog writes tests for a shell on the host that calls `docker run ${DHI_TEST_IMAGE} …`; of that the container's
    /// process is taken. Any other command is run in the image, in place of its entry point. Nothing is ever run on the host.
    ///
    /// - Parameters:
    ///   - hasShell: whether the image has `/bin/sh`, for commands that need one.
    ///   - isForHost: the test names a directory of the repository to run in.
    package init(_ text: String, hasShell: Bool, isForHost: Bool) {
        let words: [String]
        switch CommandWords.parse(text) {
        case .words(let found): words = found
        case .needsShell(let why):
            if isForHost || CommandWords.mentionsRuntime(text) {
                self = .unsupported("it is a script for a shell on the host (\(why))")
            } else if hasShell {
                self = .process(Process(entrypoint: ["/bin/sh", "-c", text], arguments: []))
            } else {
                self = .unsupported("it needs a shell (\(why)), which the image does not have")
            }
            return
        }
        guard let first = words.first else {
            self = .unsupported("it is empty")
            return
        }
        if first == "docker" || first == "podman" {
            self = Self.run(words)
        } else if isForHost {
            self = .unsupported("it runs '\(first)' on the host, in a directory of the repository")
        } else {
            self = .process(Process(entrypoint: words, arguments: []))
        }
    }

    private static func run(_ words: [String]) -> ContainerCommand {
        guard words.count > 2, words[1] == "run" || (words[1] == "container" && words[2] == "run") else {
            return .unsupported("it calls '\(words.prefix(2).joined(separator: " "))' and not '\(words[0]) run'")
        }
        var process = Process(arguments: [])
        var rest = words.dropFirst(words[1] == "run" ? 2 : 3)
        while let word = rest.popFirst() {
            if images.contains(word) {
                process.arguments = Array(rest)
                return .process(process)
            }
            guard word.hasPrefix("-") else {
                return .unsupported("it runs the image '\(word)', not the one that is tested")
            }
            if ignored.contains(word) { continue }
            var name = word
            var value: String?
            if let equals = word.firstIndex(of: "="), word.hasPrefix("--") {
                name = String(word[..<equals])
                value = String(word[word.index(after: equals)...])
            }
            func take() -> String? { value ?? rest.popFirst() }
            switch name {
            case "--entrypoint": process.entrypoint = take().map { $0.isEmpty ? [] : [$0] }
            case "-e", "--env": if let pair = take() { process.environment.append(pair) }
            case "-u", "--user": process.user = take()
            case "-w", "--workdir": process.directory = take()
            case _ where ignoredWithValue.contains(name): _ = take()
            default: return .unsupported("it uses '\(name)', which is not done here")
            }
        }
        return .unsupported("it does not name the image that is tested")
    }
}

/// Splits a command into words as a POSIX shell does (XCU 2.2 and 2.6.5) where no shell is needed.
enum CommandWords {
    enum Result: Hashable {
        case words([String])
        case needsShell(String)
    }

    static func mentionsRuntime(_ text: String) -> Bool { text.contains("docker ") || text.contains("podman ") }

    /// Variables other than those that name the image, redirections, lists, globs and substitutions need a shell.
    static func parse(_ text: String) -> Result {
        var words: [String] = []
        var word: String?
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case " ", "\t":
                if let done = word { words.append(done) }
                word = nil
            case "'":
                guard let end = rest.firstIndex(of: "'") else { return .needsShell("a quote does not end") }
                word = (word ?? "") + rest[..<end]
                rest = rest[rest.index(after: end)...]
            case "\"":
                var isClosed = false
                word = word ?? ""
                while let inner = rest.popFirst() {
                    if inner == "\"" {
                        isClosed = true
                        break
                    }
                    if inner == "\\", let next = rest.first, "$`\"\\".contains(next) {
                        word?.append(next)
                        rest.removeFirst()
                    } else if inner == "$" || inner == "`" {
                        guard let name = image(&rest, inner) else { return .needsShell("an expansion") }
                        word?.append(name)
                    } else {
                        word?.append(inner)
                    }
                }
                guard isClosed else { return .needsShell("a quote does not end") }
            case "\\":
                guard let next = rest.popFirst() else { return .needsShell("it ends with a backslash") }
                word = (word ?? "") + String(next)
            case "$":
                guard let name = image(&rest, character) else { return .needsShell("an expansion") }
                word = (word ?? "") + name
            case "|", "&", ";", "<", ">", "(", ")", "`", "\n", "*", "?", "[", "{", "}", "~", "!":
                return .needsShell("'\(character == "\n" ? "a line break" : String(character))'")
            case "#" where word == nil: return .needsShell("a comment")
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        if let first = words.first, first.contains("="), !first.hasPrefix("=") { return .needsShell("an assignment") }
        return .words(words)
    }

    /// A variable that names the image, kept as a word of its own.
    private static func image(_ rest: inout Substring, _ character: Character) -> String? {
        guard character == "$" else { return nil }
        for name in ["{DHI_TEST_IMAGE}", "DHI_TEST_IMAGE", "{IMAGE}", "IMAGE"] where rest.hasPrefix(name) {
            rest = rest.dropFirst(name.count)
            return "$" + name
        }
        return nil
    }
}
