// SPDX-License-Identifier: Apache-2.0

extension Plan {
    /// A package repository, in either of the language's notations.
    package struct Repository: Sendable, Hashable {
        /// The line as written, variables substituted.
        package var line: String
        package var url: String
        /// Debian: `trixie`, or `/` for a flat repository. Empty for Alpine.
        package var suite: String
        /// Debian: `main`, `contrib`. Empty for Alpine and for flat repositories.
        package var components: [String]
        /// Debian: the options in brackets, in order, without `signed-by`.
        package var options: [Pair]
        /// Debian: `signed-by`, the key files that may sign it.
        package var signedBy: [String]
        /// Alpine: the tag of `@tag URL`.
        package var tag: String?
        /// Whether it is `deb` or a bare URL; a `deb-src` line is read and has no binaries.
        package var isSource: Bool

        /// Whether it is written as an apt source.
        package var isDebian: Bool { !suite.isEmpty }

        /// Reads a line: `deb [options] URL SUITE COMPONENT…`, or `[@tag] URL`.
        ///
        /// - Throws: a sentence that says what is wrong.
        package init(line: String) throws(Mistake) {
            self.line = line
            url = ""
            options = []
            signedBy = []
            tag = nil
            suite = ""
            components = []
            var words = Self.words(line)
            guard let first = words.first else { throw Mistake(reason: "it is empty") }
            isSource = first == "deb-src"
            guard first == "deb" || first == "deb-src" else {
                if first.hasPrefix("@") {
                    tag = String(first.dropFirst())
                    words.removeFirst()
                }
                guard words.count == 1, let url = words.first, Self.isURL(url) else {
                    throw Mistake(reason: "it is neither a URL nor 'deb [options] URL SUITE COMPONENT…'")
                }
                self.url = Self.withoutSlash(url)
                return
            }
            words.removeFirst()
            if let open = words.first, open.hasPrefix("[") {
                words = try readOptions(words)
            }
            guard words.count >= 2, let url = words.first, Self.isURL(url) else {
                throw Mistake(reason: "after 'deb' come a URL, a suite and components")
            }
            self.url = Self.withoutSlash(url)
            suite = words[1]
            components = Array(words.dropFirst(2))
            if !suite.hasSuffix("/"), components.isEmpty {
                throw Mistake(reason: "the suite '\(suite)' is followed by no component")
            }
        }

        package struct Mistake: Error { package var reason: String }

        /// Reads the bracketed options at the beginning of the words, and returns what follows them.
        private mutating func readOptions(_ words: [String]) throws(Mistake) -> [String] {
            guard let close = words.firstIndex(where: { $0.hasSuffix("]") }) else {
                throw Mistake(reason: "a '[' is not closed")
            }
            let inner = words[...close].joined(separator: " ").dropFirst().dropLast()
            for option in Self.words(String(inner)) {
                guard let equals = option.firstIndex(of: "=") else {
                    throw Mistake(reason: "the option '\(option)' has no value")
                }
                let value = String(option[option.index(after: equals)...])
                let name = String(option[..<equals])
                if name == "signed-by" {
                    signedBy = value.split(separator: ",").map(String.init)
                } else {
                    options.append(Pair(name, value))
                }
            }
            return Array(words[(close + 1)...])
        }

        /// Whether an `arch` option, if there is one, names the architecture.
        package func serves(_ architecture: String) -> Bool {
            guard let arch = options.last(where: { $0.name == "arch" }) else { return true }
            return arch.value.split(separator: ",").contains { $0 == architecture }
        }

        /// The host of the URL; empty for a file.
        package var host: String { Self.host(of: url) }

        static func host(of url: String) -> String {
            guard let range = url.firstRange(of: "://") else { return "" }
            let rest = url[range.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            let host = rest.split(separator: "@").last ?? rest
            return host.lowercased()
        }

        private static func words(_ text: String) -> [String] {
            text.split { $0 == " " || $0 == "\t" }.map(String.init)
        }

        private static func isURL(_ text: String) -> Bool {
            guard let range = text.firstRange(of: "://"), range.lowerBound > text.startIndex else { return false }
            return range.upperBound < text.endIndex
        }

        private static func withoutSlash(_ url: String) -> String {
            url.hasSuffix("/") && !url.hasSuffix("://") ? String(url.dropLast()) : url
        }
    }

    /// The keyring's entries that may sign a repository: those whose file name is that of its `signed-by`; all of them
    /// where none has that name (keys are published under other names than they are installed as).
    package func keys(for repository: Repository) -> [String] {
        func stem(_ path: String) -> Substring {
            let name = path.split(separator: "/").last ?? ""
            return name.lastIndex(of: ".").map { name[..<$0] } ?? name
        }
        let wanted = Set(repository.signedBy.map { stem($0) })
        let named = keyring.filter { wanted.contains(stem($0)) }
        return named.isEmpty ? keyring : named
    }
}
