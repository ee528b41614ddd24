// SPDX-License-Identifier: Apache-2.0

internal import Building
internal import CanonicalJSON
internal import Cryptography
internal import Packages

/// What `basalt resolve` prints.
enum ResolveRendering {
    // MARK: One definition

    static func text(_ platform: Lock.PlatformLock) -> String {
        let packages = platform.resolution.packages
        let size = packages.reduce(0) { $0 + $1.size }
        var out = "\(platform.platform.rawValue): \(packages.count) packages, \(Size.text(size)) to fetch\n"
        for package in packages { out += "  \(package.name) \(package.version) \(package.architecture)\n" }
        for dropped in platform.resolution.dropped { out += "  dropped: \(dropped.package): \(dropped.clause)\n" }
        return out
    }

    static func json(_ lock: Lock) -> String { line([("platforms", platforms(lock))]) }

    private static func platforms(_ lock: Lock) -> JSON {
        .array(
            lock.platforms.map { platform -> JSON in
                [
                    "platform": .string(platform.platform.rawValue),
                    "packages": .array(
                        platform.resolution.packages.map {
                            .members([
                                ("name", .string($0.name)), ("version", .string($0.version)),
                                ("architecture", .string($0.architecture)),
                                ("sha256", $0.sha256.map { .string($0.hex) }),
                                ("size", .integer($0.size)), ("path", .string($0.path)),
                            ])
                        }
                    ),
                    "dropped": .strings(platform.resolution.dropped.map { "\($0.package): \($0.clause)" }),
                ]
            }
        )
    }

    // MARK: Several

    static func text(_ report: ResolveRun.Report) -> String {
        var out = ""
        for entry in report.entries {
            switch entry.outcome {
            case .resolved(let lock):
                let counts = lock.platforms.map { "\($0.platform.rawValue) \($0.resolution.packages.count) packages" }
                out += "\(entry.path): \(counts.joined(separator: ", "))\n"
            case .failed(let code, let message): out += "\(entry.path): \(code): \(message)\n"
            }
        }
        out += "\(report.entries.count) definitions, \(report.resolved) resolved\n"
        for (code, count) in report.failures { out += "  \(count) \(code)\n" }
        return out
    }

    static func json(_ report: ResolveRun.Report) -> String {
        let definitions = report.entries.map { entry -> JSON in
            switch entry.outcome {
            case .resolved(let lock):
                .object([("definition", .string(entry.path)), ("platforms", platforms(lock))])
            case .failed(let code, let message):
                .object([
                    ("definition", .string(entry.path)),
                    ("error", .object([("code", .string(code)), ("message", .string(message))])),
                ])
            }
        }
        return line([
            ("definitions", .array(definitions)), ("resolved", .integer(report.resolved)),
            ("failures", .object(report.failures.map { ($0.code, .integer($0.count)) })),
        ])
    }

    private static func line(_ members: [(String, JSON)]) -> String {
        String(decoding: JSON.object(members).compact, as: UTF8.self) + "\n"
    }
}
