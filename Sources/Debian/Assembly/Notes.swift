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
                guard let bytes = package.member(member) else { continue }
                for part in MaintainerScript(package: package.name, member: member, bytes: bytes).scripts {
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
        return notes
    }

    private static let unsupported: Set<String> = [
        "icon-cache", "mime-cache", "desktop-cache", "gsettings-schemas", "font-cache", "gio-modules", "sgml-catalog",
        "xml-catalog", "emacs",
    ]

    /// Directories whose watchers make a cache (`interest` in a package's triggers).
    private static let triggered: [(path: String, what: String)] = [
        ("interest-noawait /usr/share/glib-2.0/schemas", "gsettings-schemas"),
        ("interest /usr/share/glib-2.0/schemas", "gsettings-schemas"),
        ("gdk-pixbuf-2.0/2.10.0/loaders", "pixbuf-loaders"),
        ("interest-noawait /usr/share/mime/packages", "mime-cache"),
        ("interest-noawait /usr/share/fonts", "font-cache"),
        ("interest-noawait /usr/share/applications", "desktop-cache"),
    ]
}
