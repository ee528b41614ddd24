// SPDX-License-Identifier: Apache-2.0

/// Hand-written scripts of Debian 12 and 13 that do more than the general rules know. Each was read, and its result
/// compared with that of the real script (docs/effects.md).
package enum KnownScripts {
    static let table: [KnownScript] = essential + runtimes + services + desktop

    private static let upgrade = "the rest is for upgrades and does nothing on a fresh installation"

    private static let essential: [KnownScript] = [
        KnownScript("adduser", "preinst", ["mv"], upgrade),
        KnownScript("apt", "postinst", ["rm"], by: [Accounts.name], upgrade),
        KnownScript("base-files", "preinst", ["ln", "rm"], by: ["diversions"], "checks that /usr is merged"),
        KnownScript(
            "base-files",
            "postinst",
            ["> ${DPKG_ROOT}${1}", "chmod", "chown", "cp", "ln", "mkdir", "rm", "rmdir"],
            by: [Skeleton.name, "usr-merge"]
        ),
        KnownScript(
            "base-passwd",
            "preinst",
            ["> ${DPKG_ROOT}/etc/group", "> ${DPKG_ROOT}/etc/passwd"],
            by: [Accounts.name]
        ),
        KnownScript(
            "base-passwd",
            "postinst",
            ["> ${tmp}", "> /etc/passwd", "chmod", "chown", "cp", "rm", "touch", "update-passwd"],
            by: [Accounts.name]
        ),
        KnownScript("bash", "postinst", ["ln"], by: [PackageFiles.name]),
        KnownScript("binutils", "preinst", ["mv"], upgrade),
        KnownScript(
            "ca-certificates",
            "postinst",
            [
                "> /etc/ca-certificates.conf", "> /etc/ca-certificates.conf.dpkg-new", "chgrp", "chmod", "chown",
                "mkdir",
                "mv", "rm",
            ],
            by: [CertificateStore.name, PackageFiles.name]
        ),
        KnownScript("coreutils", "postinst", ["ln"], "/bin/touch is /usr/bin/touch in a merged /usr"),
        KnownScript(
            "dash",
            "postinst",
            ["cp", "dpkg-divert with computed arguments", "ln", "mv", "rm", "touch"],
            by: ["diversions"]
        ),
        KnownScript("debian-archive-keyring", "postinst", ["apt-key", "eval"], upgrade),
        KnownScript("debianutils", "postinst", ["cp"], by: [Shells.name]),
        KnownScript(
            "dpkg",
            "postinst",
            ["> ${admindir}/arch-native", "error", "ln", "mv", "setup_colors", "warning"],
            by: [DpkgDatabase.name]
        ),
        KnownScript("gawk", "postinst", ["rm"], upgrade),
        KnownScript("gcc", "postinst", ["rm"], upgrade),
        KnownScript("git", "preinst", ["ln", "mkdir", "rm"], upgrade),
        KnownScript("init-system-helpers", "postinst", ["ln", "rm"], upgrade),
        KnownScript(
            "iproute2",
            "postinst",
            ["mv", "rmdir", "setcap"],
            "debconf's default gives ip no capabilities; " + upgrade
        ),
        KnownScript("libc-bin", "postinst", ["cp"], by: [LoaderConfiguration.name, Templates.name]),
        KnownScript(
            "libc6",
            "preinst",
            ["busctl", "dpkg-divert with computed arguments", "ln", "mkdir", "perl", "rm", "touch"],
            by: ["diversions"],
            "checks the kernel and the loader's path"
        ),
        KnownScript("libc6", "postinst", ["rm", "systemd"], "restarts services after upgrades"),
        KnownScript("libgcrypt20", "postinst", ["clean-up-unmanaged-libraries"], upgrade),
        KnownScript("libgssapi-krb5-2", "postinst", ["cp"], upgrade),
        KnownScript("libpam-modules", "preinst", ["perl"], upgrade),
        KnownScript("libpam-modules", "postinst", ["touch"], by: [PackageFiles.name]),
        KnownScript("libpam-runtime", "postinst", ["rm"], by: [PluggableAuthentication.name]),
        KnownScript("libpam0g", "postinst", ["$", "who"], "restarts services after upgrades"),
        KnownScript("libselinux1", "postinst", ["rm"], upgrade),
        KnownScript(
            "locales",
            "postinst",
            ["> ${LG}", "ln", "locale-gen", "mv", "rm", "sed -i", "update-locale"],
            by: [Locales.name],
            "debconf's default generates no locale"
        ),
        KnownScript("login", "postinst", ["chmod", "chown", "touch"], by: [PackageFiles.name]),
        KnownScript("login.defs", "postinst", ["mv"], upgrade),
        KnownScript(
            "netbase",
            "postinst",
            ["> /etc/hosts", "> /etc/networks", "> /etc/sysctl.d/bindv6only.conf", "mkdir"],
            by: [VerbatimFiles.name],
            "the container's runtime writes /etc/hosts"
        ),
        KnownScript("openssl", "postinst", ["ln"], "the package ships /usr/lib/ssl"),
        KnownScript("procps", "postinst", ["mv", "rm"], upgrade),
        KnownScript("readline-common", "postinst", ["cp"], by: [Templates.name]),
        KnownScript(
            "tzdata",
            "postinst",
            ["> ${DPKG_ROOT}/etc/timezone", "ln", "mv", "restorecon"],
            by: [LocalTime.name]
        ),
        KnownScript("ucf", "preinst", ["cp", "print"], upgrade),
        KnownScript("ucf", "postinst", ["print", "touch"], by: [PackageFiles.name]),
        KnownScript(
            "usrmerge",
            "postinst",
            ["convert-etc-shells", "convert-usrmerge", "rm", "rmdir"],
            by: ["usr-merge"]
        ),
    ]

    private static let byteCode = "Python byte code is not made, since that would mean to run the image's Python"

    private static let runtimes: [KnownScript] = [
        KnownScript(
            "ca-certificates-java",
            "postinst",
            [
                ". /etc/default/cacerts", "> /var/lib/ca-certificates-java/fresh", "chmod", "java", "keytool", "mv",
                "rm", "touch",
            ],
            by: [JavaKeystore.name]
        ),
        KnownScript("ca-certificates-java", "preinst", ["mkdir", "touch"], upgrade),
        KnownScript("java-common", "postinst", ["chmod", "mkdir", "touch"], by: [PackageFiles.name]),
        KnownScript("openjdk-*-jre-headless", "postinst", ["chmod", "mkdir", "touch"], by: [PackageFiles.name]),
        KnownScript("python3", "preinst", ["$", "rm"], upgrade),
        KnownScript(
            "python3",
            "postinst",
            ["$", "> /etc/python3/debian_config", "mkdir"],
            by: [VerbatimFiles.name],
            byteCode
        ),
        KnownScript("python3-distutils", "postinst", ["$", "find -delete", "xargs"], byteCode),
        KnownScript("python3-lib2to3", "postinst", ["$", "find -delete", "xargs"], byteCode),
        KnownScript("python3.*-minimal", "preinst", ["mkdir", "touch"], by: [PackageFiles.name]),
        KnownScript(
            "python3.*-minimal",
            "postinst",
            ["$", "chmod", "chown", "mkdir", "python3.11", "python3.12", "python3.13", "rm", "rmdir"],
            by: [PackageFiles.name],
            byteCode
        ),
        KnownScript("python3.*", "postinst", ["python3.11", "python3.12", "python3.13"], byteCode),
    ]

    private static let services: [KnownScript] = [
        KnownScript("nginx-common", "preinst", ["rm", "rmdir"], upgrade),
        KnownScript(
            "nginx-common",
            "postinst",
            ["chmod", "chown", "cp", "ln", "mkdir", "touch"],
            by: [PackageFiles.name, Templates.name]
        ),
        KnownScript(
            "openssh-client",
            "postinst",
            ["chgrp", "chmod", "groupmod"],
            by: [Accounts.name, PackageFiles.name]
        ),
        KnownScript("postgresql", "postinst", ["pg_lsclusters", "pg_upgradecluster"], upgrade),
        KnownScript(
            "postgresql-*",
            "preinst",
            [". /usr/share/postgresql-common/maintscripts-functions", "preinst_check_catversion"],
            upgrade
        ),
        KnownScript(
            "postgresql-client-*",
            "postinst",
            [". /usr/share/postgresql-common/maintscripts-functions", "configure_client_version"],
            by: [PostgreSQL.name]
        ),
        KnownScript(
            "postgresql-common",
            "postinst",
            [
                ". /usr/share/postgresql-common/maintscripts-functions", "> ${CCTMP}", "> ${SSL_ROOT}", "chmod",
                "chown",
                "install", "ln", "mkdir", "pg_checksystem", "pg_updateaptconfig", "pg_updatedicts",
                "relink_postmaster_manpages", "rm", "run-upgrade-scripts", "su", "ucf", "ucfr",
            ],
            by: [PackageFiles.name, VerbatimFiles.name, PostgreSQL.name]
        ),
        KnownScript(
            "postgresql-*",
            "postinst",
            [". /usr/share/postgresql-common/maintscripts-functions", "configure_version"],
            by: [PostgreSQL.name],
            "no database cluster is made: an image must not hold one"
        ),
        KnownScript("redis-server", "postinst", ["find -delete"], by: [Overrides.name], upgrade),
        KnownScript("redis-tools", "postinst", ["chmod", "chown", "mkdir"], by: [Accounts.name, PackageFiles.name]),
        KnownScript(
            "ssl-cert",
            "postinst",
            ["make-ssl-cert"],
            by: [Accounts.name, Overrides.name],
            "no private key is made: an image must not hold one"
        ),
    ]

    private static let desktop: [KnownScript] = [
        KnownScript(
            "fontconfig-config",
            "postinst",
            ["chmod", "chown", "ln", "mkdir", "rm", "rmdir"],
            by: [PackageFiles.name]
        ),
        KnownScript("libglib2.0-0", "postinst", ["install", "rm", "rmdir"], upgrade),
    ]
}
