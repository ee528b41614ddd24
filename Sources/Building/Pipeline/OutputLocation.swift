// SPDX-License-Identifier: Apache-2.0

internal import Definitions
internal import Fetching

/// Where a build's results go: `OUT/<image>/<definition>`, a layout, and the lock beside it.
struct OutputLocation {
    let layout: String
    var lock: String { layout + ".lock.json" }

    init(output: String, definition: String, plans: [Plan]) {
        let file = definition.split(separator: "/").last.map(String.init) ?? definition
        let stem = Lock.stem(file)
        let image = plans.lazy.compactMap(\.image).first?.split(separator: "/").last.map(String.init)
        layout = [output, image.flatMap(Self.clean), Self.clean(stem) ?? "image"].compactMap { $0 }.joined(
            separator: "/"
        )
    }

    /// A name that is safe as a directory's; nil when nothing is left of it.
    private static func clean(_ name: String) -> String? {
        let kept = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        let trimmed = kept.drop { $0 == "." }
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    func write(lock text: String) throws { try Files.replace(lock, with: Array(text.utf8)) }
}
