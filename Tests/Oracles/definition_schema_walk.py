# SPDX-License-Identifier: Apache-2.0
"""Writes definitions that reach every keyword of the language's JSON schema, right ones and broken ones.

usage: definition_schema_walk.py SCHEMA OUT [OTHER_SCHEMA]

Published definitions use a part of the language. This walks the schema instead: for every node a definition that is
nothing but the way to it, and there each type of value, each word of an enumeration and words that are not, strings at the
edges of patterns, each required key left out, a key that nobody declared, and every alternative with each of its keys left
out or of another type. A final line break is left out: Python's `$` matches before it, and that of JSON Schema (ECMA-262)
does not. Prints file name, 1 or 0 (whether SCHEMA accepts it), 1 or 0 for OTHER_SCHEMA where given, and what it is, separated
by tabs.
"""
import copy
import json
import os
import sys

import jsonschema
import yaml

EVERY = [None, True, False, 0, 7, -1, 7.0, 7.5, 1e300, float("nan"), 10**30, "", "x", "7", "true", "2026-01-31", [], ["x"],
         [7], [None], [[]], [{}], {}, {"x": "y"}, {"x": 7}, {"x": None}, {"x": {}}]
EDGES = ["pkg:apk/", "pkg:apk/x\ny", "xpkg:apk/x", "pkg:apk", "pkg:deb/x", "PKG:deb/x", "\npkg:deb/x", "debian", "debian ubuntu",
         "debian  ubuntu", " debian", "debian ", "Debian", "a.b_c-9", "é", "a\tb", "debian\nubuntu"]


def least(schema):
    """A value with as little in it as the schema allows."""
    if "oneOf" in schema and "properties" not in schema:
        return least(schema["oneOf"][0])
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        keys = schema.get("required", [])
        return {key: least(schema["properties"][key]) for key in keys}
    if kind == "string" and "pattern" in schema:
        return {"^pkg:apk/.*$": "pkg:apk/x", "^pkg:deb/.*$": "pkg:deb/x"}.get(schema["pattern"], "x")
    return {"array": [], "string": "x", "integer": 1, "boolean": True}[kind]


def full(schema):
    """A value with everything in it, once."""
    if "oneOf" in schema and "properties" not in schema:
        return full(schema["oneOf"][-1])
    kind = schema.get("type", "object")
    if kind == "array":
        return [full(schema["items"])]
    if kind == "object":
        if isinstance(schema.get("additionalProperties"), dict):
            return {"KEY": full(schema["additionalProperties"])}
        return {key: full(inner) for key, inner in schema.get("properties", {}).items()}
    return least(schema)


def variants(schema, name):
    """Values for one node, and what they are; deeper nodes included."""
    for value in EVERY:
        yield value, f"{name} = {value!r}"
    for word in schema.get("enum", []):
        for other in [word, word.upper(), word + "x", word[:-1], " " + word, [word]]:
            yield other, f"{name} = {other!r}"
    for known in schema.get("anyOf", []):
        if "const" in known:
            yield known["const"], f"{name} = {known['const']}"
            yield known["const"] + "0", f"{name} = {known['const']}0"
    if "pattern" in schema:
        for value in EDGES:
            yield value, f"{name} = {value!r}"
    for index, alternative in enumerate(schema.get("oneOf", [])):
        yield from variants(alternative, f"{name}|{index}")
    if "items" in schema:
        for value, what in variants(schema["items"], name + "[]"):
            yield [value], what
        right = full(schema["items"])
        yield [right, right], f"{name}: one thing twice"
        yield [right, 7, None], f"{name}: a right thing and wrong ones"
        yield {"0": right}, f"{name}: a mapping for a list"
    if isinstance(schema.get("additionalProperties"), dict):
        for value, what in variants(schema["additionalProperties"], name + ".KEY"):
            yield {"KEY": value}, what
        yield {"": "x", "a b": "x", "<": "x", "é": "x"}, f"{name}: odd keys"
    if "properties" in schema:
        for whole in [least(schema), full(schema)]:
            yield whole, f"{name}: whole"
            yield {**whole, "unheard-of": "x"}, f"{name}: an unknown key"
            for key in list(whole):
                yield {k: v for k, v in whole.items() if k != key}, f"{name} without {key}"
                for value in [None, 7, "x", True, [], {}]:
                    yield {**whole, key: value}, f"{name} whole, {key} = {value!r}"
                for wrong in [key.upper(), key + "s", key.replace("-", "_"), key[:-1]]:
                    yield {(wrong if k == key else k): v for k, v in whole.items()}, f"{name}: {key} as {wrong}"
        for key, inner in schema["properties"].items():
            for value, what in variants(inner, f"{name}.{key}"):
                yield {**least(schema), key: value}, what


def main():
    schema_path, out = sys.argv[1:3]
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    validators = [jsonschema.Draft202012Validator(schema)]
    if len(sys.argv) > 3:
        with open(sys.argv[3], encoding="utf-8") as file:
            validators.append(jsonschema.Draft202012Validator(json.load(file)))
    seen = set()
    for value, what in variants(schema, ""):
        text = yaml.dump(copy.deepcopy(value), allow_unicode=True, sort_keys=False, width=10**6, Dumper=yaml.CSafeDumper)
        if text in seen:
            continue
        seen.add(text)
        name = f"{len(seen):06}.yaml"
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            file.write("# syntax=example.com/build:2\n" + text)
        read = yaml.load(text, yaml.CSafeLoader)
        verdicts = [int(validator.is_valid(read)) for validator in validators]
        print(name, *verdicts, what.replace("\t", " ").replace("\n", " ")[:200], sep="\t")


main()
