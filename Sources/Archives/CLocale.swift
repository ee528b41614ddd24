// SPDX-License-Identifier: Apache-2.0

internal import CArchive
internal import Glibc

/// The locale in which libarchive is called.
///
/// libarchive converts names through the calling thread's locale, so that the same tree gives other bytes (or none) under
/// another one. The built-in `C.UTF-8` is set for the thread around every call, and never for the process.
enum CLocale {
    // A locale_t is immutable after newlocale(3) and may be shared by threads.
    private nonisolated(unsafe) static let utf8: locale_t? = newlocale(allCategories, "C.UTF-8", nil)

    /// glibc's LC_ALL_MASK is an expression that Swift does not import: every category bit but LC_ALL's own (6).
    private static let allCategories: Int32 = 0b1_1111_1011_1111

    static var isAvailable: Bool { utf8 != nil }

    static func with<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let utf8 else { return try body() }
        let previous = uselocale(utf8)
        defer { _ = uselocale(previous) }
        return try body()
    }
}
