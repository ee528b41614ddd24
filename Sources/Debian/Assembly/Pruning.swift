// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// What of the packages' files a runtime image leaves out.
///
/// Documentation, manual pages, translations of messages and lintian overrides go; copyright files stay, since the licences
/// ask for them and scanners read them. A dev image keeps everything, so that `dpkg --verify` has nothing to say.
enum Pruning {
    private static let dropped: [TreePath] = [
        "usr/share/man", "usr/share/info", "usr/share/lintian", "usr/share/linda", "usr/share/doc-base",
        "usr/share/groff", "usr/share/locale", "usr/share/bug", "usr/share/menu",
    ]
    private static let documentation: TreePath = "usr/share/doc"

    static func keeps(_ node: Node, _ variant: Installation.Variant) -> Bool {
        guard variant == .runtime else { return true }
        let path = node.path
        guard path.isWithin("usr/share") else { return true }
        if path.isWithin(documentation) {
            if path == documentation { return true }
            switch node.kind {
            // The directory comes with the copyright file, if there is one.
            case .directory: return false
            // A package that shares another's documentation finds its copyright file through this link.
            case .symlink: return path.parent == documentation || path.name.elementsEqual("copyright".utf8)
            case .file, .hardLink: return path.name.elementsEqual("copyright".utf8)
            }
        }
        return !dropped.contains { path != $0 && path.isWithin($0) }
    }
}
