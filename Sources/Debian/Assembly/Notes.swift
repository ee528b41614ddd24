// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// Remarks about what an image does not have although its packages' scripts would have made it.
enum Notes {
    static func of(_ root: ImageRoot, _ reports: [ScriptReport]) -> [String] {
        var notes: [String] = []
        let python = root.packages.contains { $0.name.hasPrefix("libpython3") && $0.name.hasSuffix("-minimal") }
        if python {
            notes.append(
                "python: no byte code is shipped, since making it means to run the image's Python; programs start slower until they can write it"
            )
        }
        var caches: Set<String> = []
        for package in root.packages {
            for member in ["preinst", "postinst"] {
                for part in package.script(member)?.scripts ?? [] {
                    for call in part.calls {
                        if case .dropped(let what) = CommandVocabulary.meaning(of: call, in: part),
                            unsupported.contains(what)
                        {
                            caches.insert(what)
                        }
                    }
                }
            }
        }
        for package in root.packages {
            let triggers = String(decoding: package.member("triggers") ?? [], as: UTF8.self)
            for (path, what) in triggered where triggers.contains(path) { caches.insert(what) }
        }
        for cache in caches.sorted() { notes.append("\(cache): not supported, programs go without it") }
        return notes + unasked(in: root) + withoutLicence(in: root)
    }

    /// Shells and package managers, by the packages that bring them.
    private static let interactive: [(kind: String, packages: Set<String>)] = [
        ("a shell", ["bash", "busybox", "busybox-static", "dash", "fish", "ksh", "mksh", "zsh"]),
        ("a package manager", ["apt", "aptitude", "dpkg"]),
    ]

    /// What a runtime image should not have unless its definition asks for it by name.
    private static func unasked(in root: ImageRoot) -> [String] {
        guard root.variant == .runtime, let requested = root.requested else { return [] }
        var notes: [String] = []
        for (kind, names) in interactive {
            for package in root.packages where names.contains(package.name) && !requested.contains(package.name) {
                notes.append(
                    "\(package.name): \(kind) that the definition does not name is here as a dependency; '!\(package.name)' leaves it out"
                )
            }
        }
        return notes
    }

    /// Packages whose copyright file is in another package, by a link, and that one is not in the image.
    private static func withoutLicence(in root: ImageRoot) -> [String] {
        root.packages.compactMap { package in
            guard let path = try? TreePath("usr/share/doc/" + package.name), let link = root.tree[path],
                let target = link.symlinkTarget, root.tree.follow(path) == nil
            else { return nil }
            let name = String(decoding: target, as: UTF8.self).split(separator: "/").last.map(String.init) ?? ""
            return
                "\(package.name): its copyright file is in \(name), which is left out; name that package to keep the licence"
        }
    }

    private static let unsupported: Set<String> = [
        "icon-cache", "mime-cache", "desktop-cache", "gsettings-schemas", "font-cache", "gio-modules", "sgml-catalog",
        "xml-catalog", "emacs",
    ]

    /// Directories whose watchers make a cache (`interest` in a package's triggers).
    private static let triggered: [(path: String, what: String)] = [
        ("interest-noawait /usr/share/glib-2.0/schemas", "gsettings-schemas"),
        ("interest /usr/share/glib-2.0/schemas", "gsettings-schemas"),
        ("gdk-pixbuf-2.0/2.10.0/loaders", "pixbuf-loaders"), ("/gio/modules", "gio-modules"),
        ("interest-noawait /usr/share/mime/packages", "mime-cache"),
        ("interest-noawait /usr/share/fonts", "font-cache"),
        ("interest-noawait /usr/share/applications", "desktop-cache"),
    ]
}
