// SPDX-License-Identifier: Apache-2.0

/// What signed test results have to say: a signature says who tested, and not that the image passed.
package enum TestDemand: String, CaseIterable, Sendable {
    /// Whatever they say is shown, and decides nothing.
    case any
    /// Where there are some, none says FAILED.
    case unfailed
    /// Every platform has one, and none says FAILED.
    case required
    /// Every platform has one, and each says PASSED: no failure that somebody acknowledged.
    case passed

    var isRequired: Bool { self == .required || self == .passed }
}
