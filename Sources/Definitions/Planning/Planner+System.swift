// SPDX-License-Identifier: Apache-2.0

extension Planner {
    mutating func identity() {
        plan.name = string(definition.name, .text)
        plan.image = string(definition.image)
        plan.variant = definition.variant?.choice ?? .runtime
        plan.flavor = string(definition.flavor)
        let suffix = string(definition.suffix) ?? ""
        plan.tags = strings(definition.tags).map { $0 + suffix }
        plan.output = definition.output?.choice ?? .layered
        plan.compression = definition.compression?.choice
        plan.entitlement = definition.entitlement?.choice
        plan.dates.release = string(definition.dates?.release)
        plan.dates.endOfLife = string(definition.dates?.endOfLife)
        plan.dates.endOfSupport = string(definition.dates?.endOfSupport)
        plan.annotations = pairs(definition.annotations)
        plan.labels = pairs(definition.labels)
        plan.isFIPSCompliant = definition.isFIPSCompliant ?? false
        plan.isSTIGCertified = definition.isSTIGCertified ?? false
    }

    mutating func system() {
        if let contents = definition.contents {
            plan.repositories = repositories(contents.repositories)
            plan.keyring = strings(contents.keyring)
            plan.packages = strings(contents.packages)
            plan.mappings = pairs(contents.mappings)
        }
        guard let release = definition.osRelease else {
            plan.distribution = distribution(id: "", idLike: "", versionID: "", codename: nil)
            return
        }
        let fields: [(String, Text?)] = [
            ("NAME", release.name), ("ID", release.id), ("ID_LIKE", release.idLike),
            ("VERSION_ID", release.versionID), ("VERSION_CODENAME", release.versionCodename),
            ("PRETTY_NAME", release.prettyName), ("HOME_URL", release.homeURL),
            ("BUG_REPORT_URL", release.bugReportURL),
        ]
        for (name, text) in fields {
            if let value = string(text, .text) { plan.osRelease.append(Plan.Pair(name, value)) }
        }
        func value(_ name: String) -> String? { plan.osRelease.first { $0.name == name }?.value }
        plan.distribution = distribution(
            id: value("ID") ?? "",
            idLike: value("ID_LIKE") ?? "",
            versionID: value("VERSION_ID") ?? "",
            codename: value("VERSION_CODENAME")
        )
    }

    mutating func repositories(_ lines: [Text]) -> [Plan.Repository] {
        var out: [Plan.Repository] = []
        for line in lines {
            do throws(Plan.Repository.Mistake) {
                out.append(try Plan.Repository(line: string(line)))
            } catch {
                note("invalid-repository", "the repository cannot be used: \(error.reason)", at: line.mark)
            }
        }
        return out
    }

    /// The distribution: os-release's id, else its id-like, else the notation of the repositories. The comment in line 1
    /// of a definition names a builder, not a distribution, and does not count.
    private func distribution(
        id: String,
        idLike: String,
        versionID: String,
        codename: String?
    ) -> Plan.Distribution? {
        let words = [id] + idLike.split(separator: " ").map(String.init)
        var family = words.compactMap { Plan.Distribution.Family(rawValue: $0) }.first { $0 != .other }
        if family == nil, !plan.repositories.isEmpty {
            family = plan.repositories.contains { $0.isDebian } ? .debian : .alpine
        }
        if family == nil, id.isEmpty { return nil }
        let name = family == .debian ? codename ?? Plan.Distribution.debianCodenames[versionID] : codename
        return Plan.Distribution(family: family ?? .other, id: id, versionID: versionID, codename: name)
    }

    mutating func accounts(_ accounts: Accounts) -> Plan.Accounts {
        var planned = Plan.Accounts()
        planned.root = accounts.root ?? false
        planned.runAs = string(accounts.runAs)
        for user in accounts.users {
            guard let uid = id(user.uid, "uid"), let gid = id(user.gid, "gid") else { continue }
            let entry = Plan.Accounts.User(name: string(user.name), uid: uid, gid: gid, mode: mode(user.mode))
            // The published files repeat entries; a repetition says nothing new.
            if !planned.users.contains(entry) { planned.users.append(entry) }
        }
        for group in accounts.groups {
            guard let gid = id(group.gid, "gid") else { continue }
            let entry = Plan.Accounts.Group(
                name: string(group.name),
                gid: gid,
                members: strings(group.members)
            )
            if !planned.groups.contains(entry) { planned.groups.append(entry) }
        }
        return planned
    }

    mutating func container() {
        plan.environment = pairs(definition.environment)
        plan.entrypoint = definition.entrypoint.map { strings($0, .text) }
        plan.cmd = definition.cmd.map { strings($0, .text) }
        plan.workDir = string(definition.workDir)
        plan.stopSignal = string(definition.stopSignal)
        for text in definition.ports {
            let value = string(text)
            guard let port = Plan.Port(value) else {
                note(
                    "invalid-port",
                    "'\(value)' is not a port",
                    hint: "write a number from 1 to 65535 or a range, and optionally /tcp, /udp or /sctp",
                    at: text.mark
                )
                continue
            }
            plan.ports.append(port)
        }
    }
}

extension Plan.Port {
    /// Reads `80`, `8080/tcp` or `30000-30100/udp`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        let transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
        guard ["tcp", "udp", "sctp"].contains(transport) else { return nil }
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { part -> Int? in
            guard (1...5).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            return Int(part).flatMap { (1...65_535).contains($0) ? $0 : nil }
        }
        guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2, first <= last else {
            return nil
        }
        self.init(first: first, last: last, transport: transport)
    }
}
