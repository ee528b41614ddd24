// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Text for people, or one JSON object on standard output for programs.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}
