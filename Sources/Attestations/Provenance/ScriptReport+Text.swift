// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Packages

extension ScriptReport {
    /// For annotations of SBOMs: which script, by name and SHA-256, and what was done about it.
    package var text: String {
        let done =
            switch treatment {
            case .emulated(let effects): "emulated by \(effects.joined(separator: ", "))"
            case .dropped(let reason): "dropped: \(reason)"
            case .acknowledged: "acknowledged by the configuration"
            }
        return "\(script) sha256:\(sha256.hex) not run; \(done)"
    }
}
