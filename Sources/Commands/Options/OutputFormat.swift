// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser

/// Text for people, or one JSON object on standard output for programs.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}
