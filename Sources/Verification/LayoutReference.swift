// SPDX-License-Identifier: Apache-2.0

internal import Foundation
package import OCI

/// An image on disk as the command line names it: `DIRECTORY` or `DIRECTORY:TAG`.
package struct LayoutReference: Sendable, Hashable {
    package var directory: String
    package var tag: String?

    package init(_ text: String) {
        if !FileManager.default.fileExists(atPath: text), let colon = text.lastIndex(of: ":"),
            !text[colon...].contains("/"), colon != text.startIndex
        {
            directory = String(text[..<colon])
            tag = String(text[text.index(after: colon)...])
        } else {
            directory = text
            tag = nil
        }
    }

    package func open() throws(OCIError) -> Layout { try Layout(directory: directory) }
}
