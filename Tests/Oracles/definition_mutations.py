# SPDX-License-Identifier: Apache-2.0
"""Breaks definitions in many ways and says what JSON Schema makes of each.

usage: definition_mutations.py SCHEMA FOLDER OUT COUNT SEED [OTHER_SCHEMA]

Reads every definition below FOLDER, writes COUNT mutated ones into OUT, and prints for each its file name, 1 or 0
(whether SCHEMA accepts it), 1 or 0 for OTHER_SCHEMA where given, and what was done to it, separated by tabs.
"""
import copy
import json
import os
import random
import sys

import jsonschema
import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

SCALARS = ["", "x", "755", "1", "true", "yes", "null", "2026-01-31", "1.0", "${NAME}", "a: b", "- x", "é", "0o17", "1e3",
           "~", "<<", "=", "1:30", "017", "08", "zstd", "linux/amd64", "root", "\ttab", "line\nbreak", " space "]
VALUES = [None, True, False, 0, 1, -1, 755, 1.0, 1.5, 1e300, float("inf"), 10**30, [], {}, ["x"], [1], [None], {"x": "y"},
          {"x": 1}, [["x"]], "x", ""]
PLAIN = ["yes", "no", "on", "off", "Yes", "NO", "true", "True", "null", "~", "", "Null", "12", "0o17", "017", "0x1F", "1_000",
         "0b11", "1.5", "1.", ".5", "1e3", "1.0e+3", ".inf", "-.INF", ".nan", "1:30", "1:30.5", "2026-01-31", "2026-1-1",
         "2026-01-31T00:00:00Z", "2026-01-31 00:00:00", "y", "n", "08", "0", "-0", "+1", "1000.0", "!!str 5", "!!int '5'",
         "'5'", "\"5\"", "1 2", "-", "99999999999999999999", "0_", "-.5", "+.5", "1.e+3", "12:99", "0.", "._5", "1__0"]


def places(value, path=()):
    yield path, value
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], path + (key,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, path + (index,))


def parent(value, path):
    for key in path[:-1]:
        value = value[key]
    return value


def rename(mapping, old, new):
    return {(new if key == old else key): item for key, item in mapping.items()}


def set_at(root, path, value):
    if not path:
        return value
    parent(root, path)[path[-1]] = value
    return root


def misspell(rng, key):
    key = str(key)
    kind = rng.randrange(6)
    if kind == 0:
        return key + rng.choice("sx_")
    if kind == 1 and len(key) > 1:
        return key[1:]
    if kind == 2:
        return key.replace("-", "_") if "-" in key else key.upper()
    if kind == 3 and len(key) > 2:
        at = rng.randrange(len(key) - 1)
        return key[:at] + key[at + 1] + key[at] + key[at + 2:]
    return rng.choice(["x", "foo", "names", "type", "path", "url", "if", "name", "uid", "mode", "source", "content"])


TRACKS = [
    {"type": "github_release", "owner": "a", "repo": "b", "set": "V"},
    {"type": "github_release", "owner": "a", "repo": "b", "set": [{"var": "V", "value": "tag"}], "use": "tag"},
    {"type": "github_tag", "owner": "a", "repo": "b", "set": "V", "match": "x"},
    {"type": "github_repository", "owner": "a", "repo": "b", "set": {}},
    {"type": "alpine_package", "package": "pkg:apk/alpine/x", "set": "V"},
    {"type": "debian_package", "package": "pkg:deb/debian/x", "set": "V"},
    {"type": "debian_package", "package": "pkg:apk/debian/x", "set": "V"},
    {"type": "var_increment"}, {"type": "var_increment", "set": "REL"},
    {"type": "var_increment", "set": "REL", "increment": ["A"]},
    {"type": "var_increment", "increment": ["A"]}, {"type": "var_increment", "set": "REL", "reset": []},
    {"type": "oci_artifact", "name": "n", "match": "m", "set": [{"var": "V", "value": "digest", "selection": "exact"}]},
    {"type": "file", "url": "u", "set": {}}, {"type": "json_file", "url": "u", "set": {"a": 1}, "name": "n"},
    {"type": "elsewhere"}, {}, {"type": 1},
]
EXTRAS = [
    ("includes", ["a.yaml"]), ("compression", "gzip"), ("entitlement", "els"), ("suffix", "_x"), ("output", "squashed"),
    ("tests", [{"exit-code": 0}]), ("tests", [{"name": "x"}]), ("fips-compliant", True), ("stig-certified", "no"),
    ("os-release", {"id": "x", "id-like": "debian ubuntu"}), ("os-release", {"id-like": "Debian"}),
    ("os-release", {"id-like": "a  b"}), ("dates", {"type": "x", "url": "y", "end-of-support": "2026"}),
    ("paths", [{"type": "file", "path": "/x", "if": "a", "platforms": ["linux/amd64"]}]), ("paths", [{"type": "file"}]),
    ("platforms", ["linux/riscv64"]), ("platforms", []), ("accounts", {"users": [{"name": "x", "uid": 1}]}),
    ("accounts", {"users": [{"name": "x", "uid": 1.0, "gid": 1, "mode": "0700"}]}), ("volumes", ["/x"]),
    ("contents", {"builds": [{"matrix": [{"name": "x", "items": {"a": 1}}], "if": "x", "entitlement": "y"}]}),
    ("contents", {"builds": [{"matrix": [{"items": []}]}]}), ("contents", {"builds": [{"caches": [{"sharing": "locked"}]}]}),
    ("contents", {"builds": [{"caches": [{"path": "/x", "sharing": "locked"}]}]}),
    ("contents", {"builds": [{"pipeline": [{"secrets": [{"id": "x", "env": "Y", "optional": True, "if": "z"}]}]}]}),
    ("contents", {"builds": [{"pipeline": [{"secrets": [{"id": "x"}]}]}]}),
    ("contents", {"builds": [{"pipeline": [{"uses": "my/own@v1", "with": {"a": [1, None, 1.5]}}]}]}),
    ("contents", {"builds": [{"pipeline": [{"uses": 1}]}]}), ("contents", {"builds": [{"contents": {"builds": []}}]}),
    ("contents", {"files": [{"secret-id": "x", "includes": ["a"], "if": "b"}]}), ("contents", None), ("vars", {"A": None}),
    ("vars", {1: "x"}), ("vars", {"A": 1}), ("environment", {True: "x"}),
]


def mutate(rng, root):
    spots = list(places(root))
    kind = rng.randrange(9)
    if kind <= 1:
        spots = [(path, value) for path, value in spots if isinstance(value, dict) and value]
        path, value = rng.choice(spots)
        old = rng.choice(list(value))
        new = misspell(rng, old)
        if new in value:
            return None
        return set_at(root, path, rename(value, old, new)), f"rename {path}.{old} to {new}"
    path, value = rng.choice([spot for spot in spots if spot[0]])
    if kind == 2:
        del parent(root, path)[path[-1]]
        return root, f"remove {path}"
    if kind == 3:
        new = rng.choice(VALUES)
        return set_at(root, path, copy.deepcopy(new)), f"set {path} to {new!r}"
    if kind == 4:
        spots = [(path, value) for path, value in spots if path and isinstance(value, (str, int, bool))]
        path, value = rng.choice(spots)
        new = rng.choice(SCALARS)
        return set_at(root, path, new), f"set {path} to {new!r}"
    if kind == 5:
        new = [value] if rng.random() < 0.5 else {"x": value}
        return set_at(root, path, new), f"wrap {path}"
    if kind == 6:
        name, new = rng.choice(EXTRAS)
        root[name] = copy.deepcopy(new)
        return root, f"put {name} {new!r}"
    if kind == 7:
        root["track"] = [copy.deepcopy(rng.choice(TRACKS))]
        if rng.random() < 0.5 and root["track"][0]:
            track = root["track"][0]
            key = rng.choice(list(track))
            if rng.random() < 0.5:
                del track[key]
            else:
                track[key] = copy.deepcopy(rng.choice(VALUES))
        return root, f"track {root['track']!r}"
    spots = [(path, value) for path, value in spots if path and isinstance(value, str) and value.isalnum() and len(value) > 3]
    if not spots:
        return None
    path, value = rng.choice(spots)
    return set_at(root, path, "PLAINVALUE"), f"write {path} as"


def main():
    schema_path, folder, out, count, seed = sys.argv[1:6]
    validators = [jsonschema.Draft202012Validator(json.load(open(schema_path)))]
    if len(sys.argv) > 6:
        validators.append(jsonschema.Draft202012Validator(json.load(open(sys.argv[6]))))
    rng = random.Random(int(seed))
    files = []
    for where, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".yaml"):
                path = os.path.join(where, name)
                with open(path, encoding="utf-8") as file:
                    if file.readline().startswith("# syntax="):
                        files.append(path)
    files.sort()
    made = 0
    loaded = {}
    while made < int(count):
        path = rng.choice(files)
        if path not in loaded:
            with open(path, encoding="utf-8") as file:
                loaded[path] = yaml.load(file, Loader)
        result = mutate(rng, copy.deepcopy(loaded[path]))
        if result is None:
            continue
        root, what = result
        style = rng.randrange(3)
        if style == 0:
            text = yaml.dump(root, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=10**6)
        elif style == 1:
            text = yaml.dump(root, Dumper=Dumper, default_flow_style=True)
        else:
            text = yaml.dump(root, Dumper=Dumper)
        if "PLAINVALUE" in text:
            plain = rng.choice(PLAIN)
            text = text.replace("PLAINVALUE", plain)
            what += f" {plain}"
        text = "# syntax=example.com/build:2\n" + text
        try:
            value = yaml.load(text, Loader)
        except Exception:
            verdicts = [0 for _ in validators]
        else:
            verdicts = [int(validator.is_valid(value)) for validator in validators]
        name = f"{made:06}.yaml"
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            file.write(text)
        what = what.replace("\t", " ").replace("\n", " ")
        print(name, *verdicts, what[:200], sep="\t")
        made += 1


main()
