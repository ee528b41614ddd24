// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import OCI

/// The configuration says what is needed to run the image and to know whose it is.
enum ConfigurationComplete: StandardCheck {
    static let id = "configuration"
    static let reason =
        "an entry point that is not there, or a label that is missing, shows only when somebody needs it"
    /// Keys of image-spec's annotations.md that consumers look for; some of them read labels only.
    static let labels = [
        "org.opencontainers.image.created", "org.opencontainers.image.title", "org.opencontainers.image.vendor",
        "org.opencontainers.image.version",
    ]

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        let configuration = image.configuration
        var problems = labels.filter { configuration.labels[$0]?.isEmpty != false }.map { "the label \($0) is missing" }
        let directory = configuration.workingDirectory ?? "/"
        if !isDirectory(directory, in: image) { problems.append("the working directory \(directory) is not there") }
        let path = configuration.environment.first { $0.hasPrefix("PATH=") }?.dropFirst(5)
        if path == nil { problems.append("the environment has no PATH") }
        let words = (configuration.entrypoint ?? []) + (configuration.command ?? [])
        var run = "no command, as for a base image"
        if let program = words.first {
            run = "runs \(program)"
            if let problem = problem(program, path: String(path ?? ""), from: directory, in: image) {
                problems.append(problem)
            }
        }
        return .judging(problems, "\(run), works in \(directory), and its labels say what it is")
    }

    private static func isDirectory(_ text: String, in image: TestedImage) -> Bool {
        guard text.hasPrefix("/"), let path = try? TreePath(text) else { return false }
        return path.isRoot || image.tree.follow(path)?.isDirectory == true
    }

    /// Why a program cannot be started by the image's user, as execvp(3) and path_resolution(7) have it.
    private static func problem(_ program: String, path: String, from directory: String, in image: TestedImage)
        -> String?
    {
        let candidates: [String]
        if program.hasPrefix("/") {
            candidates = [program]
        } else if program.contains("/") {
            candidates = ["\(directory)/\(program)"]
        } else {
            candidates = path.split(separator: ":").map { "\($0)/\(program)" }
        }
        guard let (node, content) = candidates.lazy.compactMap({ image.file(at: $0) }).first else {
            return "the program '\(program)' is not in the image"
        }
        let execute: UInt16
        if image.uid == 0 {
            execute = 0o111
        } else if node.uid == image.uid {
            execute = 0o100
        } else {
            execute = node.gid == image.gid ? 0o010 : 0o001
        }
        if node.mode & execute == 0 { return "the program '\(program)' may not be run by the image's user" }
        // A script whose interpreter is missing fails with the same words as a program that is missing.
        if let start = try? image.contents.read(content, range: 0..<min(256, content.size)),
            start.starts(with: "#!".utf8)
        {
            let line = String(decoding: start.dropFirst(2).prefix { $0 != 0x0A }, as: UTF8.self)
            if let name = line.split(separator: " ").first, image.file(at: String(name)) == nil {
                return "the script '\(program)' needs \(name), which is not in the image"
            }
        }
        return nil
    }
}

/// The image is not larger than it may be.
enum SizeBudget: StandardCheck {
    static let id = "size-budget"
    static let reason = "what is not in an image cannot be attacked, pulled or patched"

    static func run(_ image: TestedImage, _ options: StandardOptions) -> CheckOutcome {
        guard let limit = options.sizeLimit else { return .skipped("no limit was given; it has \(image.size) bytes") }
        return image.size <= limit
            ? .passed("\(image.size) of \(limit) bytes")
            : .failed("\(image.size) bytes, more than the \(limit) allowed")
    }
}
