// SPDX-License-Identifier: Apache-2.0

internal import Fetching

/// Keys that repositories are signed with: of definitions, of this machine, or of the network.
extension MirroredAccess {
    private static let keyLimit = 1 << 20

    /// - Parameter name: a URL, a path, or the name of a file or a directory below one of the key directories; of a
    ///   directory all `.asc` and `.gpg` files count, with a line end between them.
    package func key(_ name: String) async throws -> [UInt8] {
        let bytes = try await keyBytes(name)
        note(bytes, name: name)
        return bytes
    }

    private func keyBytes(_ name: String) async throws -> [UInt8] {
        if name.contains("://") { return try await remoteKey(try Locator(name)) }
        if name.hasPrefix("/") { return try Files.read(name, limit: Self.keyLimit) }
        try RepositoryPath.check(name)
        for directory in options.keyDirectories {
            let path = "\(directory)/\(name)"
            guard let status = FileStatus(of: path) else { continue }
            if status.isDirectory { return try Self.keyring(path) }
            if status.isRegular { return try Files.read(path, limit: Self.keyLimit) }
        }
        throw FetchError(
            .notFound,
            "there is no key '\(name)' in \(options.keyDirectories.joined(separator: ", "))",
            hint: "name the directory that holds it: --keys DIRECTORY, or 'keys' in the configuration file"
        )
    }

    /// The public keys of a directory, one after the other, in byte order of their names.
    private static func keyring(_ directory: String) throws -> [UInt8] {
        let names = Files.names(in: directory).filter { $0.hasSuffix(".asc") || $0.hasSuffix(".gpg") }
        var bytes: [UInt8] = []
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if !bytes.isEmpty { bytes.append(0x0A) }
            bytes += try Files.read("\(directory)/\(name)", limit: keyLimit)
        }
        guard !bytes.isEmpty else {
            throw FetchError(
                .notFound,
                "the directory '\(directory)' holds no key",
                hint: "put a public key there, as NAME.asc or NAME.gpg"
            )
        }
        return bytes
    }

    private func remoteKey(_ url: Locator) async throws -> [UInt8] {
        let title = "the key \(url)"
        let reference = "key \(url.text)"
        if options.isOffline, url.scheme != "file" {
            guard let digest = store.reference(for: reference)?.digest,
                let bytes = try store.bytes(of: digest, limit: Self.keyLimit)
            else { throw missing([title]) }
            return bytes
        }
        let item = Downloader.Item(name: title, sources: try options.mirrors.bases(id: url.text, url: url.text))
        guard let bytes = try await downloader.bytes(item, limit: Self.keyLimit) else {
            throw FetchError(.notFound, "\(title) does not exist there")
        }
        try store.remember(.init(digest: try store.put(bytes), time: options.now), for: reference)
        return bytes
    }
}
