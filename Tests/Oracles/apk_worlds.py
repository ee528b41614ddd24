#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes random solver cases in the form of apk's own tests, with what a real apk answers as @EXPECT.

    apk_worlds.py --apk PROGRAM [--seed N] [--count N] [--commands add] FOLDER

SolverOracleTests reads the folder when BASALT_APK_SOLVER_CASES names it. Repositories, installed packages and worlds use
everything that the index knows: versions, provides with and without one, priorities, install_if, conflicts, pins, tags.
PROGRAM is an apk 3 for the whole of it; apk 2 reads the same files, decides a few cases otherwise, and is asked to add only.
"""
import argparse, base64, hashlib, io, os, random, shutil, subprocess, sys, tarfile, tempfile

VERSIONS = ["1", "2", "3", "1.5-r0", "1.5-r1", "2.0_rc1", "2.4.1", "3.0_p1"]


def relation(rng, name, versions, conflicts=0.06, bare=0.6):
    if rng.random() < bare:
        text = name
    else:
        operator = rng.choice(["=", ">=", "<", ">", "<=", "~", ">~", "<~"])
        version = rng.choice(versions)
        if "~" in operator:
            version = version.split("_")[0].split("-")[0]
        text = name + operator + version
    return ("!" if rng.random() < conflicts else "") + text


def stanza(rng, name, version, names, virtuals, versions, calm):
    everything = [other for other in names if other != name] + virtuals if calm else names + virtuals
    fields = {"P": name, "V": version, "S": "1", "I": rng.choices(["1", "0"], [30, 1])[0]}
    if rng.random() < 0.03:
        fields["A"] = rng.choice(["x86_64", "noarch", "aarch64"])
    count = rng.choices([0, 1, 2, 3, 4], [6, 5, 2, 1, 0] if calm else [4, 5, 4, 2, 1])[0]
    depends = [relation(rng, rng.choice(everything), versions, 0.02 if calm else 0.06, 0.8 if calm else 0.6) for _ in range(count)]
    if rng.random() < (0.003 if calm else 0.02):
        depends.append("nowhere")
    if depends:
        fields["D"] = " ".join(depends)
    provides = []
    for _ in range(rng.choices([0, 1, 2, 3], [6, 4, 2, 1])[0]):
        provided = rng.choice(virtuals if rng.random() < (0.95 if calm else 0.85) else names)
        if calm and (provided == name or any(p.split("=")[0] == provided for p in provides)):
            continue
        provides.append(provided if rng.random() < 0.45 else provided + "=" + rng.choice(versions + [version]))
    if provides:
        fields["p"] = " ".join(provides)
    if rng.random() < 0.3:
        fields["k"] = str(rng.choice([1, 5, 10, 100]))
    if rng.random() < 0.15:
        fields["i"] = " ".join(relation(rng, rng.choice(everything), versions, 0.12, 0.8) for _ in range(rng.choice([1, 2, 2, 3])))
    text = "".join(f"{key}:{value}\n" for key, value in fields.items())
    return "C:Q1" + base64.b64encode(hashlib.sha1(text.encode()).digest()).decode() + "\n" + text


def scenario(rng, commands):
    # Half of them as a real distribution has it, the other half as wild as the format allows.
    calm = rng.random() < 0.5
    names = [f"p{i}" for i in range(rng.randint(3, rng.choice([6, 10, 16])))]
    virtuals = [f"v{i}" for i in range(rng.randint(1, 4))] + (["so:libx.so.1", "cmd:x"] if rng.random() < 0.5 else [])
    versions = VERSIONS[: rng.randint(2, len(VERSIONS))]
    pool = []
    for name in names:
        for version in rng.sample(versions, min(len(versions), rng.choices([1, 2, 3], [5, 4, 2])[0])):
            pool.append((name, stanza(rng, name, version, names, virtuals, versions, calm)))
    repositories = []
    tags = [None] + rng.sample(["testing", "edge"], rng.choices([0, 1, 2], [6, 3, 1])[0])
    if rng.random() < 0.2:
        tags.append(None)
    for index, tag in enumerate(tags):
        share = 1 if len(tags) == 1 else rng.choice([0.4, 0.7, 0.9])
        repositories.append((tag, f"r{index}.repo", [s for _, s in pool if rng.random() < share]))
    installed, world = [], []
    command = rng.choice(commands)
    tagged = [t for t in tags if t]

    def want(conflicts=0.08):
        text = relation(rng, rng.choice(names + virtuals), versions, conflicts, 0.75)
        if tagged and rng.random() < 0.3 and not text.startswith("!"):
            name = text.rstrip("0123456789.-_rpc").rstrip("=<>~") if any(c in text for c in "=<>~") else text
            text = name + "@" + rng.choice(tagged) + text[len(name):] if text.startswith(name) else text
        return text

    if command != "add" or rng.random() < 0.35:
        seen = set()
        for name, text in rng.sample(pool, len(pool)):
            if name in seen or rng.random() < 0.45:
                continue
            seen.add(name)
            extra = f"s:{rng.choice(tagged)}\n" if tagged and rng.random() < 0.2 else ""
            extra += rng.choice(["f:f\n", "f:s\n"]) if rng.random() < 0.08 else ""
            if rng.random() < 0.15:  # a package that no repository has any more
                text = stanza(rng, name, rng.choice(versions), names, virtuals, versions, calm)
            installed.append(text + extra)
        for name in sorted(seen):
            if rng.random() < 0.5:
                world.append(name)
    for _ in range(rng.choices([0, 1, 2], [5, 3, 1])[0]):
        wanted = want()
        key = wanted.lstrip("!")
        if not any(w.lstrip("!").startswith(key[:2]) for w in world):
            world.append(wanted)
    arguments = []
    if rng.random() < 0.06:
        arguments.append("--no-network")
    if rng.random() < 0.06:
        arguments.append("--force-broken-world")
    arguments.append(command)
    known = names + virtuals
    if command == "add":
        for option, chance in [("-u", 0.1), ("-l", 0.06)]:
            if rng.random() < chance:
                arguments.append(option)
        if rng.random() < 0.06:
            arguments += ["-t", ".made=1"]
            arguments += [relation(rng, rng.choice(known), versions, 0.05) for _ in range(rng.randint(1, 3))]
        else:
            arguments += [want() for _ in range(rng.randint(1, 4))]
    elif command == "del":
        if rng.random() < 0.3:
            arguments.append("-r")
        arguments += [rng.choice(known) for _ in range(rng.randint(1, 2))]
    elif command == "fix":
        for option in ["-u", "-d", "-r"]:
            if rng.random() < 0.35:
                arguments.append(option)
        arguments += rng.sample(names, rng.randint(0, 2))
    else:
        for option, chance in [("-a", 0.3), ("-l", 0.25), ("--prune", 0.12)]:
            if rng.random() < chance:
                arguments.append(option)
        if rng.random() < 0.25:
            if rng.random() < 0.5:
                arguments.append("--ignore")
            arguments += rng.sample(names, rng.randint(1, 2))
    return repositories, installed, world, arguments


def answer(apk, folder, repositories, installed, world, arguments):
    with tempfile.TemporaryDirectory() as root:
        def write(path, text):
            path = os.path.join(root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)

        write("etc/apk/world", "".join(w + "\n" for w in world))
        write("etc/apk/arch", "x86_64\n")
        write("etc/apk/repositories", "")
        places = []
        for tag, name, entries in repositories:
            # "test:" is apk's own word for a file that counts as one from the network.
            places += ["--repository", (f"@{tag} " if tag else "") + f"test:{root}/{name}.tar.gz"]
            with tarfile.open(f"{root}/{name}.tar.gz", "w:gz", compresslevel=1) as archive:
                for member, text in [("DESCRIPTION", "random"), ("APKINDEX", "".join(entry + "\n" for entry in entries))]:
                    header = tarfile.TarInfo(member)
                    header.size = len(text)
                    archive.addfile(header, io.BytesIO(text.encode()))
        for place in ["lib/apk/db", "usr/lib/apk/db"]:
            write(place + "/installed", "".join(text + "\n" for text in installed))
            write(place + "/triggers", "")
            shutil.copyfile(os.devnull, os.path.join(root, place, "scripts.tar"))
        os.makedirs(os.path.join(root, "var/cache/misc"), exist_ok=True)
        os.makedirs(os.path.join(root, "tmp"), exist_ok=True)
        result = subprocess.run([apk, "--root", root, "--allow-untrusted", "--simulate", "--no-interactive", "--no-progress", "--no-cache", *places, *arguments],
                                capture_output=True, text=True, timeout=60)
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--apk", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--commands", default="add,add,add,upgrade,upgrade,fix,del")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    os.makedirs(folder, exist_ok=True)
    crashes = 0
    for number in range(options.seed * 1000000, options.seed * 1000000 + options.count):
        rng = random.Random(number)
        repositories, installed, world, arguments = scenario(rng, options.commands.split(","))
        repositories = [(tag, f"{number}-{name}", entries) for tag, name, entries in repositories]
        for _, name, entries in repositories:
            with open(os.path.join(folder, name), "w") as file:
                file.write("".join(entry + "\n" for entry in entries))
        try:
            result = answer(options.apk, folder, repositories, installed, world, arguments)
        except subprocess.TimeoutExpired:
            result = None
        if result is None or result.returncode < 0:  # apk itself fell over
            crashes += 1
            for _, name, _ in repositories:
                os.unlink(os.path.join(folder, name))
            continue
        lines = ["@ARGS " + " ".join(arguments)]
        lines += ["@REPO " + (f"@{tag} " if tag else "") + name for tag, name, _ in repositories]
        if installed:
            with open(os.path.join(folder, f"{number}.installed"), "w") as file:
                file.write("".join(text + "\n" for text in installed))
            lines.append(f"@INSTALLED {number}.installed")
        if world:
            lines.append("@WORLD " + " ".join(world))
        output = [line for line in (result.stdout + result.stderr).splitlines() if not line.startswith("WARNING")]
        errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        # The error's headline goes to the other stream; apk's own tests have it first.
        body = errors + [line for line in output if line not in errors] if errors else output
        with open(os.path.join(folder, f"{number}.test"), "w") as file:
            file.write("\n".join(lines + ["@EXPECT"] + body) + "\n")
    print(f"{options.count - crashes} cases, {crashes} left out because apk itself crashed", file=sys.stderr)


main()
