// SPDX-License-Identifier: Apache-2.0

extension JSON {
    /// A number as RFC 8785 section 3.2.2.3 has it: as ECMAScript prints it (ECMA-262, Number::toString).
    ///
    /// The digits are the shortest that no other double has; Swift's description has the same ones, in another notation.
    static func text(of value: Double) -> String {
        precondition(value.isFinite, "JSON has no infinity")
        if value == 0 { return "0" }
        let (digits, point) = decimal(value.magnitude)
        let count = digits.count
        let text: String
        switch point {
        case count...21: text = digits + String(repeating: "0", count: point - count)
        case 1..<max(count, 2):
            text = digits.prefix(point) + "." + digits.dropFirst(point)
        case -5...0: text = "0." + String(repeating: "0", count: -point) + digits
        default:
            let exponent = point - 1
            let fraction = count > 1 ? "." + digits.dropFirst() : ""
            text = digits.prefix(1) + fraction + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
        }
        return value < 0 ? "-" + text : text
    }

    /// The significant digits of a positive number, and where the decimal point is, counted from the first of them.
    private static func decimal(_ value: Double) -> (digits: String, point: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".")
        let whole = mantissa[0]
        let all = whole + (mantissa.count > 1 ? mantissa[1] : "")
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0" { digits.removeLast() }
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        return (String(digits), whole.count - leading + exponent)
    }
}
