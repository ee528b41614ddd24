// SPDX-License-Identifier: Apache-2.0

/// What the commands of maintainer scripts mean for a fresh image.
package enum CommandVocabulary {
    /// What is done about one call.
    package enum Meaning: Hashable, Sendable {
        /// It leaves nothing behind in a fresh image.
        case harmless
        /// A typed effect does the same.
        case effect(String)
        /// It is left out on purpose; a short reason.
        case dropped(String)
        /// It changes something, and only a rule for the very script can say whether that is covered.
        case unknown(String)
    }

    /// Builtins and programs that only look, compute or print.
    private static let harmless: Set<String> = [
        "", ":", "[", "[[", "true", "false", "test", "echo", "printf", "exit", "return", "set", "unset", "export",
        "readonly", "local", "shift", "cd", "umask", "trap", "read", "wait", "type", "break", "continue", "let",
        "grep", "egrep", "fgrep", "awk", "cut", "tr", "sort", "uniq", "head", "tail", "cat", "wc", "basename",
        "dirname", "readlink", "realpath", "dpkg-realpath", "stat", "md5sum", "sha1sum", "sha256sum", "sha512sum",
        "cmp", "diff", "expr", "uname", "id", "getent", "ls", "mountpoint", "ischroot", "command", "which", "mktemp",
        "pidof", "ps", "pgrep", "date", "seq", "sleep", "sync", "tty", "getconf", "dpkg-query", "getcap", "ss",
        "localedef-check", "hostname", "df", "apt-config", "ucfq", "sed", "find", "xargs-check", "rev", "tac", "comm",
        "dpkg-architecture", "arch", "lsb_release", "logger", "tput", "stty", "clear",
    ]

    /// Commands that talk to running services; none runs while an image is made.
    private static let services: Set<String> = [
        "systemctl", "deb-systemd-invoke", "invoke-rc.d", "service", "start-stop-daemon", "kill", "killall", "pkill",
        "udevadm", "telinit", "initctl", "sysctl", "modprobe", "apparmor_parser", "nscd", "runlevel", "rcctl",
    ]

    /// Caches whose makers are not emulated; what lacks them starts slower or falls back.
    private static let caches: [String: String] = [
        "py3compile": "byte-code", "py3clean": "byte-code", "pycompile": "byte-code", "pypy3compile": "byte-code",
        "pypycompile": "byte-code", "pyclean": "byte-code",
        "update-menus": "menu", "update-icon-caches": "icon-cache", "gtk-update-icon-cache": "icon-cache",
        "update-mime-database": "mime-cache", "update-mime": "mime-cache", "update-desktop-database": "desktop-cache",
        "glib-compile-schemas": "gsettings-schemas", "fc-cache": "font-cache", "mandb": "man-db",
        "install-info": "info-dir", "update-info-dir": "info-dir", "gio-querymodules": "gio-modules",
        "update-binfmts": "binfmt", "update-initramfs": "initramfs", "update-grub": "boot-loader",
        "install-docs": "doc-base", "scrollkeeper-update": "doc-base", "emacs-package-install": "emacs",
        "update-catalog": "sgml-catalog", "update-xmlcatalog": "xml-catalog",
    ]

    /// The effects' names that calls map to.
    private static let effects: [String: String] = [
        "ldconfig": "ldconfig", "systemd-tmpfiles": "tmpfiles", "systemd-sysusers": "accounts",
        "update-ca-certificates": "ca-certificates", "update-shells": "shells", "pam-auth-update": "pam",
        "shadowconfig": "accounts", "add-shell": "shells",
    ]

    package static func meaning(of call: ShellCall, in script: ShellScript) -> Meaning {
        if let target = call.writes.first(where: { $0.literal?.hasPrefix("/dev/") != true }) {
            // Output to a file: what matters is the file.
            return .unknown("> " + target.source)
        }
        guard let word = call.words.first else { return .harmless }
        guard let command = word.literal else { return .unknown("$") }
        let name = command.hasPrefix("/") ? (command.split(separator: "/").last.map(String.init) ?? command) : command
        if script.functions.contains(name) { return .harmless }
        if name.hasPrefix("db_") { return .harmless }
        let arguments = call.words.dropFirst().map(\.source)
        switch name {
        case "sed":
            return arguments.contains { $0.hasPrefix("-i") || $0 == "--in-place" } ? .unknown("sed -i") : .harmless
        case "find":
            return arguments.contains { ["-delete", "-exec", "-execdir", "-ok"].contains($0) }
                ? .unknown("find -delete") : .harmless
        case "touch" where arguments.isEmpty: return .harmless
        case ".", "source":
            return arguments.first == "/usr/share/debconf/confmodule"
                || arguments.first == "/usr/share/dpkg/sh/dpkg-error.sh"
                ? .harmless : .unknown(". " + (arguments.first ?? ""))
        case "dpkg":
            let queries = [
                "--compare-versions", "--compare-cversions", "-s", "-L", "-l", "-S", "--print-architecture",
                "--print-foreign-architectures", "--status", "--listfiles", "--search", "--get-selections", "--list",
                "--validate-version", "--assert-multi-arch", "--assert-working-epoch",
            ]
            return arguments.first.map(queries.contains) == true ? .harmless : .unknown("dpkg")
        case "dpkg-maintscript-helper", "dpkg-trigger":
            return .harmless
        case "update-alternatives", "alternatives":
            return arguments.contains("--install") ? .effect("alternatives") : .harmless
        case "dpkg-divert":
            let changes = !arguments.contains { ["--list", "--truename", "--listpackage"].contains($0) }
            if !changes || arguments.contains("--remove") { return .harmless }
            return .effect("diversions")
        case "dpkg-statoverride":
            return arguments.contains("--list") || arguments.contains("--remove")
                ? .harmless : .effect("statoverride")
        case "deb-systemd-helper", "update-rc.d": return .dropped("service-links")
        case "adduser", "addgroup", "useradd", "groupadd", "usermod", "gpasswd", "deluser": return .effect("accounts")
        default: break
        }
        if harmless.contains(name) { return .harmless }
        if services.contains(name) { return .dropped("services") }
        if let cache = caches[name] { return .dropped(cache) }
        if let effect = effects[name] { return .effect(effect) }
        return .unknown(name)
    }
}
