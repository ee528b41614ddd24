// SPDX-License-Identifier: Apache-2.0

/// The program's version.
package enum BasaltVersion {
    package static let text = "0.1.0"
}
