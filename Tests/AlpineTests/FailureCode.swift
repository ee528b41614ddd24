// SPDX-License-Identifier: Apache-2.0

internal import Diagnostics

/// The code of the failure that something ends with; nil where it succeeds.
func code(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as any Failure {
        return error.code
    } catch {
        return "\(error)"
    }
}
