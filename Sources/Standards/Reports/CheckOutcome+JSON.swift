// SPDX-License-Identifier: Apache-2.0

package import CanonicalJSON

extension CheckOutcome {
    package var json: JSON {
        let (outcome, detail) =
            switch self {
            case .passed(let detail): ("passed", detail)
            case .failed(let detail): ("failed", detail)
            case .skipped(let detail): ("skipped", detail)
            case .unanswered(let detail): ("unanswered", detail)
            }
        return .object([("outcome", .string(outcome)), ("detail", .string(detail))])
    }

    /// Nil for what `json` does not make.
    package init?(_ json: JSON) {
        guard let detail = json["detail"]?.text else { return nil }
        switch json["outcome"]?.text {
        case "passed": self = .passed(detail)
        case "failed": self = .failed(detail)
        case "skipped": self = .skipped(detail)
        case "unanswered": self = .unanswered(detail)
        default: return nil
        }
    }
}
