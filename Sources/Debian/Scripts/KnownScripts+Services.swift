// SPDX-License-Identifier: Apache-2.0

/// Daemons and databases.
extension KnownScripts {
    static let services: [KnownScript] = [
        KnownScript("nginx-common", "preinst", ["8f85615108091b93"], upgrade),
        KnownScript("nginx-common", "postinst", ["6061c451d867640f"], by: [PackageFiles.name, Templates.name]),
        KnownScript(
            "openssh-client",
            "postinst",
            ["192970e6a9ca3f59", "e7d5a1bbb592012c"],
            by: [Accounts.name, PackageFiles.name]
        ),
        KnownScript("postgresql", "postinst", ["e0d1b31ba05e8e12"], upgrade),
        KnownScript(
            "postgresql-*",
            "preinst",
            ["10fdca881f65c5a6", "8faf3e2aae67a9bc", "c58999e8e065a51c", "e9daf3db52f749c5"],
            upgrade
        ),
        KnownScript("postgresql-client-*", "postinst", ["8201c7a2d4a8310d"], by: [PostgreSQL.name]),
        KnownScript(
            "postgresql-common",
            "postinst",
            ["14ea28cf0204d0fe", "972967bfe59ee8a4"],
            by: [PackageFiles.name, VerbatimFiles.name, PostgreSQL.name]
        ),
        KnownScript(
            "postgresql-*",
            "postinst",
            ["14ea28cf0204d0fe", "6eff62aebe737f4d", "8201c7a2d4a8310d", "972967bfe59ee8a4"],
            by: [PostgreSQL.name],
            "no database cluster is made: an image must not hold one"
        ),
        KnownScript(
            "redis-server",
            "postinst",
            ["6a68b12b3ffd6e19", "dfb0a4f0c56815a5"],
            by: [Overrides.name],
            upgrade
        ),
        KnownScript("redis-tools", "postinst", ["44bea28786484f23"], by: [Accounts.name, PackageFiles.name]),
        KnownScript(
            "ssl-cert",
            "postinst",
            ["e6da59e7076016f4"],
            by: [Accounts.name, Overrides.name],
            "no private key is made: an image must not hold one"
        ),
        KnownScript("systemd", "preinst", ["c2533d5d3378a2c8"], upgrade),
        KnownScript(
            "systemd",
            "postinst",
            ["aa17c6269e40534a"],
            by: [PackageFiles.name],
            "no machine-id is made: an image must not hold one; the journal's catalogue is not compiled"
        ),
        KnownScript("systemd-sysv", "postinst", ["dac638b4b24140b2"], upgrade),
        KnownScript(
            "dbus-daemon",
            "postinst",
            ["5d08d26962eb5235"],
            by: [PackageFiles.name],
            "no machine-id is made: an image must not hold one"
        ),
        KnownScript("dbus-system-bus-common", "postinst", ["a407886990968842"], by: [Accounts.name]),
        KnownScript("dbus", "postinst", ["562f76c32829911a"], by: [Overrides.name], "asks for restarts after upgrades"),
        KnownScript("nfs-common", "preinst", ["4b2780c5c221b5cd"], by: ["diversions"], upgrade),
        KnownScript("tpm-udev", "postinst", ["a5dc995b0836e8fd"], by: [Accounts.name, PackageFiles.name]),
        KnownScript("memcached", "postinst", ["edc83d1cd37736c6"], by: [Accounts.name, Templates.name]),
        KnownScript("cron-daemon-common", "postinst", ["fe8bf9b71ad78bf1"], by: [Accounts.name, PackageFiles.name]),
        KnownScript("fuse3", "postinst", ["fc267bf86abe7adc"], by: [PackageFiles.name]),
        KnownScript(
            "lvm2",
            "postinst",
            ["7ef87ec9d7468eff"],
            "backs up the machine's volume groups, of which an image has none"
        ),
        KnownScript(
            "udev",
            "postinst",
            ["8f8c679b45b39464"],
            "the hardware database is not compiled: a container manages no devices"
        ),
        KnownScript("kmod", "postinst", ["16c6e930a0f6c99a"], by: [VerbatimFiles.name]),
        KnownScript("libwrap0", "postinst", ["14068536d90f4378"], by: [VerbatimFiles.name]),
        KnownScript("sudo", "postinst", ["761d29038ae9b7d9"], by: [PackageFiles.name], upgrade),
    ]
}
