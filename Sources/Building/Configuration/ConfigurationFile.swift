// SPDX-License-Identifier: Apache-2.0

internal import Attestations
internal import Cryptography
internal import Definitions
internal import Diagnostics
internal import Fetching
internal import Standards

/// Reads `basalt.yaml`. Unknown keys are errors: a misspelt setting must not be silently without effect.
package enum ConfigurationFile {
    /// The name that is looked for in the working directory when no other is given.
    package static let defaultName = "basalt.yaml"

    /// The configuration that a command uses: a given file, the default one where it is there, or none.
    package static func read(given path: String?) throws -> Configuration {
        if let path { return try read(path) }
        return Files.exists(defaultName) ? try read(defaultName) : Configuration()
    }

    package static func read(_ path: String) throws -> Configuration {
        let bytes = try Files.read(path, limit: 1 << 20)
        let file = SourceFile(path: path, bytes: bytes)
        let (value, diagnostics) = YAMLReader.read(file)
        if let problem = diagnostics.first(where: { $0.severity == .error }) {
            throw BuildError(
                "bad-configuration",
                "\(path):\(problem.location.line):\(problem.location.column): \(problem.message)",
                hint: problem.hint
            )
        }
        var reader = Reader(path: path, directory: Files.directory(of: Files.absolute(path)))
        if let value, !value.isNull { try reader.read(value) }
        reader.configuration.file = Configuration.File(path: path, sha256: .of(bytes))
        return reader.configuration
    }

    private struct Reader {
        let path: String
        let directory: String
        var configuration = Configuration()

        func failure(_ value: Value, _ message: String, hint: String? = nil) -> BuildError {
            BuildError(
                "bad-configuration",
                "\(path):\(value.mark.line):\(value.mark.column): \(message)",
                hint: hint ?? "docs/configuration.md lists the settings"
            )
        }

        func string(_ value: Value, _ name: String) throws -> String {
            guard let text = value.string else { throw failure(value, "'\(name)' is \(value.typeName), not a string") }
            return text
        }

        /// A URI with a scheme (RFC 3986), which statements name types and builders by.
        func uri(_ value: Value, _ name: String) throws -> String {
            let text = try string(value, name)
            let scheme = text.prefix { $0 != ":" }
            let others = "-._~:/?#[]@!$&'()*+,;=%"
            let isValid =
                scheme.first?.isLetter == true && scheme.utf8.count + 1 < text.utf8.count
                && scheme.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || others.contains($0)) }
            guard isValid else {
                throw failure(
                    value,
                    "'\(text)' is no URI, which '\(name)' must be",
                    hint: "write one of your own, such as https://builds.example.org"
                )
            }
            return text
        }

        func entries(_ value: Value, _ name: String) throws -> [Value.Entry] {
            guard let entries = value.entries else {
                throw failure(value, "'\(name)' is \(value.typeName), not a mapping")
            }
            return entries
        }

        func elements(_ value: Value, _ name: String) throws -> [Value] {
            guard let elements = value.elements else {
                throw failure(value, "'\(name)' is \(value.typeName), not a list")
            }
            return elements
        }

        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : directory + "/" + path }

        mutating func read(_ value: Value) throws {
            for entry in try entries(value, "the configuration") {
                switch entry.key {
                case "vendor": try readVendor(entry.value)
                case "mirrors":
                    for mirror in try entries(entry.value, "mirrors") {
                        configuration.mirrors.append((mirror.key, try string(mirror.value, mirror.key)))
                    }
                case "keys":
                    configuration.keys = try elements(entry.value, "keys").map { absolute(try string($0, "keys")) }
                case "certificate-authorities":
                    configuration.certificateAuthorities = try elements(entry.value, entry.key).map {
                        absolute(try string($0, entry.key))
                    }
                case "acknowledge-scripts":
                    for element in try elements(entry.value, "acknowledge-scripts") {
                        let text = try string(element, "acknowledge-scripts")
                        guard
                            let digest = Digest(.sha256, hex: text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...])
                        else { throw failure(element, "'\(text)' is not a SHA-256 in hexadecimal") }
                        configuration.acknowledgedScripts.insert(digest)
                    }
                case "substitutions":
                    for pair in try entries(entry.value, "substitutions") {
                        configuration.substitutions[pair.key] = try string(pair.value, pair.key)
                    }
                case "acknowledge-checks":
                    configuration.acknowledgedChecks = Set(
                        try elements(entry.value, "acknowledge-checks").map { try checkName($0) }
                    )
                case "vex": try readVEX(entry.value)
                case "builder": configuration.builder = try uri(entry.value, "builder")
                case "namespace": configuration.namespace = try uri(entry.value, "namespace")
                case "source": try readSource(entry.value)
                default: throw failure(entry.value, "unknown setting '\(entry.key)'")
                }
            }
        }

        private mutating func readSource(_ value: Value) throws {
            let text = try string(value, "source")
            do throws(SourceRepository.Unusable) {
                configuration.source = try SourceRepository(parsing: text)
            } catch {
                throw failure(
                    value,
                    "'\(text)' is no place of a repository: \(error.reason)",
                    hint: "write git+https://git.example.org/images, or that with @refs/heads/main behind it"
                )
            }
        }

        /// The id of a standard check, or an image's name, a slash and such an id.
        private func checkName(_ value: Value) throws -> String {
            let text = try string(value, "acknowledge-checks")
            let id = text.split(separator: "/").last.map(String.init) ?? text
            guard Standards.all.contains(where: { $0.id == id }) else {
                let known = Standards.all.map { $0.id }.joined(separator: ", ")
                throw failure(value, "'\(text)' names no check", hint: "the checks are \(known)")
            }
            return text
        }

        private mutating func readVEX(_ value: Value) throws {
            for entry in try entries(value, "vex") {
                let text = try string(entry.value, "vex.\(entry.key)")
                switch entry.key {
                case "author": configuration.vexAuthor = text
                case "role": configuration.vexRole = text
                default: throw failure(entry.value, "unknown setting 'vex.\(entry.key)'")
                }
            }
        }

        private mutating func readVendor(_ value: Value) throws {
            for entry in try entries(value, "vendor") {
                let text = try string(entry.value, "vendor.\(entry.key)")
                switch entry.key {
                case "name": configuration.branding.vendor = text
                case "label-prefix": configuration.branding.labelPrefix = text
                case "url": configuration.branding.url = text
                case "repository": configuration.branding.repository = text
                default: throw failure(entry.value, "unknown setting 'vendor.\(entry.key)'")
                }
            }
        }
    }
}

extension Value {
    fileprivate var isNull: Bool { if case .null = kind { true } else { false } }
}
