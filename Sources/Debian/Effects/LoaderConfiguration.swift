// SPDX-License-Identifier: Apache-2.0

internal import FileTree
internal import Packages

/// `ldconfig`: the cache of shared libraries, with the same bytes as glibc's own program writes.
///
/// Links from SONAMEs to files are made where a package ships none. Not made: `/var/cache/ldconfig/aux-cache`, which holds
/// inode numbers.
package enum LoaderConfiguration: Effect {
    package static let name = "ldconfig"

    package static func apply(to root: inout ImageRoot) throws {
        guard let libc = root.package("libc-bin") ?? root.package("libc6") else { return }
        let upstream = libc.control.version.split(separator: "-").first.map(String.init) ?? libc.control.version
        let entries = try libraries(in: &root)
        guard !entries.isEmpty else { return }
        let cache = LoaderCache(
            entries: entries,
            flags: root.platform == .amd64 ? 0x0303 : 0x0A03,
            generator: "ldconfig (Debian GLIBC \(libc.control.version)) stable release version \(upstream)"
        )
        try root.write("etc/ld.so.cache", cache.bytes, by: name)
    }

    /// Directories as ldconfig searches them: those of `/etc/ld.so.conf`, then the built-in ones; each once.
    private static func directories(in root: ImageRoot) throws -> [String] {
        var out: [String] = []
        try readConfiguration("etc/ld.so.conf", in: root, into: &out, depth: 0)
        return out + ["/lib/\(root.triplet)", "/usr/lib/\(root.triplet)", "/lib", "/usr/lib"]
    }

    private static func readConfiguration(
        _ path: TreePath,
        in root: ImageRoot,
        into out: inout [String],
        depth: Int
    ) throws {
        guard depth < 10, let text = try root.text(path) else { return }
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.prefix { $0 != "#" }.trimmed
            if line.isEmpty || line.hasPrefix("hwcap ") { continue }
            guard line.hasPrefix("include ") || line.hasPrefix("include\t") else {
                // `dir=TYPE` is libc5's; the type is ignored.
                var directory = String(line.prefix { $0 != "=" }.trimmed)
                while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
                out.append(directory)
                continue
            }
            for pattern in line.dropFirst(8).split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                let full = pattern.hasPrefix("/") ? String(pattern.dropFirst()) : "etc/" + pattern
                guard let glob = try? TreePath(full), let parent = glob.parent else { continue }
                for node in root.tree.children(of: parent)
                where !node.isDirectory && Glob.matches(Array(node.path.name), Array(glob.name)) {
                    try readConfiguration(node.path, in: root, into: &out, depth: depth + 1)
                }
            }
        }
    }

    private static func libraries(in root: inout ImageRoot) throws -> [LoaderCache.Entry] {
        var seen: Set<TreePath> = []
        var entries: [LoaderCache.Entry] = []
        // One pass over the tree, since `children(of:)` is one too.
        var wanted: [TreePath: [Node]] = [:]
        var queue: [(directory: String, real: TreePath, hwcaps: String?)] = []
        for directory in try directories(in: root) {
            guard let path = try? TreePath(directory), let real = try? root.tree.resolve(root.tree.canonical(path)),
                root.tree[real]?.isDirectory == true, seen.insert(real).inserted
            else { continue }
            queue.append((directory, real, nil))
            // glibc looks below glibc-hwcaps of a directory right after the directory itself.
            let capabilities = real.appending("glibc-hwcaps")
            guard root.tree[capabilities]?.isDirectory == true else { continue }
            for child in root.tree.children(of: capabilities) where child.isDirectory {
                let name = String(decoding: child.path.name, as: UTF8.self)
                queue.append(("\(directory)/glibc-hwcaps/\(name)", child.path, name))
            }
        }
        for item in queue { wanted[item.real] = [] }
        for node in root.tree.unordered {
            if let parent = node.path.parent, wanted[parent] != nil { wanted[parent]?.append(node) }
        }
        for item in queue {
            let nodes = (wanted[item.real] ?? []).sorted { $0.path < $1.path }
            for library in try libraries(of: nodes, in: root) {
                // elf/ldconfig.c: below glibc-hwcaps no link is made, and the cache names the file.
                if item.hwcaps == nil, !library.isLink, library.soname != library.name {
                    try root.link(item.real.appending(library.soname), to: library.name, by: name)
                }
                let file = item.hwcaps == nil ? library.soname : library.name
                entries.append(
                    .init(soname: library.soname, path: "\(item.directory)/\(file)", hwcaps: item.hwcaps)
                )
            }
        }
        return entries
    }

    /// The libraries of one directory: the SONAME under which each is found, and the file that is best of those with it.
    private static func libraries(
        of nodes: [Node],
        in root: ImageRoot
    ) throws -> [(soname: String, name: String, isLink: Bool)] {
        var found: [String: (name: [UInt8], isLink: Bool)] = [:]
        var order: [String] = []
        for node in nodes {
            let name = Array(node.path.name)
            guard isLibraryName(name) else { continue }
            var isLink = node.symlinkTarget != nil
            var file = isLink ? root.tree.follow(node.path) : node
            if case .hardLink(let target)? = file?.kind { file = root.tree[target] }
            guard let content = file?.content,
                let library = try SharedLibrary(content, platform: root.platform, contents: root.contents)
            else { continue }
            let text = String(decoding: name, as: UTF8.self)
            var soname = library.soname ?? text
            if isLink {
                // A development link keeps its own name: it ends in .so and the SONAME begins with it.
                if text.hasSuffix(".so") && soname.hasPrefix(text) { soname = text } else { isLink = false }
            }
            if let old = found[soname] {
                let isBetter =
                    (!isLink && old.isLink) || (isLink == old.isLink && LoaderCache.compare(old.name, name) < 0)
                if isBetter { found[soname] = (name, isLink) }
            } else {
                found[soname] = (name, isLink)
                order.append(soname)
            }
        }
        return order.compactMap { soname in
            found[soname].map { (soname, String(decoding: $0.name, as: UTF8.self), $0.isLink) }
        }
    }

    private static func isLibraryName(_ name: [UInt8]) -> Bool {
        guard name.starts(with: Array("lib".utf8)) || name.starts(with: Array("ld-".utf8)), !name.contains(0x23) else {
            return false
        }
        let text = String(decoding: name, as: UTF8.self)
        return text.contains(".so") && !text.hasSuffix(".dpkg-new") && !text.hasSuffix(".dpkg-tmp")
    }
}
