# SPDX-License-Identifier: Apache-2.0
"""A signed image in an OCI layout that somebody is about to alter, every digest chain kept intact."""

import base64
import hashlib
import json
import os
import shutil
import subprocess

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
IN_TOTO = "application/vnd.in-toto+json"
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
SPDX = "https://spdx.dev/Document"
CYCLONEDX = "https://cyclonedx.org/bom"
NAME = "org.opencontainers.image.ref.name"


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def flip(content):
    """One bit of the middle byte."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def flip_base64(text):
    return base64.b64encode(flip(base64.b64decode(text))).decode()


class Key:
    def __init__(self, path):
        self.path = path

    def sign(self, message):
        command = ["openssl", "dgst", "-sha256", "-sign", self.path]
        return subprocess.run(command, input=message, stdout=subprocess.PIPE, check=True).stdout

    def certificate(self):
        """A self-signed certificate over the key: DER."""
        command = ["openssl", "req", "-new", "-x509", "-key", self.path, "-subj", "/CN=release", "-outform", "DER"]
        return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def envelope(statement, key):
    """DSSE over a statement (dsse 1.0.2, protocol.md)."""
    body = compact(statement)
    message = b"DSSEv1 %d %s %d %s" % (len(IN_TOTO), IN_TOTO.encode(), len(body), body)
    return {
        "payload": base64.b64encode(body).decode(),
        "payloadType": IN_TOTO,
        "signatures": [{"sig": base64.b64encode(key.sign(message)).decode()}],
    }


def statement_of(envelope):
    return json.loads(base64.b64decode(envelope["payload"]))


class Image:
    def __init__(self, directory):
        self.directory = directory
        with open(f"{directory}/index.json", encoding="utf-8") as file:
            self.listing = json.load(file)
        tags = [entry["annotations"].get(NAME, "") for entry in self.entries if "annotations" in entry]
        self.tag = next(tag for tag in tags if tag and not tag.startswith("sha256-"))

    @classmethod
    def copy(cls, source, target):
        shutil.copytree(source, target, copy_function=os.link)
        os.unlink(f"{target}/index.json")
        shutil.copy(f"{source}/index.json", f"{target}/index.json")
        return cls(target)

    def save(self):
        with open(f"{self.directory}/index.json", "wb") as file:
            file.write(compact(self.listing))

    # Blobs

    def path(self, digest):
        return f"{self.directory}/blobs/{digest.replace(':', '/')}"

    def read(self, digest):
        with open(self.path(digest), "rb") as file:
            return file.read()

    def json(self, digest):
        return json.loads(self.read(digest))

    def add(self, content, like):
        """Adds a blob; the descriptor is `like` another one with its own digest and size."""
        digest = digest_of(content)
        if not os.path.exists(self.path(digest)):
            with open(self.path(digest), "wb") as file:
                file.write(content)
        return {**like, "digest": digest, "size": len(content)}

    def flip_blob(self, digest):
        """Changes a blob in its place, so that its digest no longer is its name."""
        content = flip(self.read(digest))
        os.unlink(self.path(digest))
        with open(self.path(digest), "wb") as file:
            file.write(content)

    # Entries of index.json

    @property
    def entries(self):
        return self.listing["manifests"]

    @entries.setter
    def entries(self, entries):
        self.listing["manifests"] = entries

    def entry(self, tag):
        return next(entry for entry in self.entries if entry.get("annotations", {}).get(NAME) == tag)

    @property
    def root(self):
        return self.entry(self.tag)

    @property
    def index(self):
        return self.json(self.root["digest"])

    def replace(self, entry, manifest):
        """Lists another manifest in an entry's place."""
        position = self.entries.index(entry)
        self.entries[position] = self.add(compact(manifest), entry)

    def remove(self, condition):
        kept = [entry for entry in self.entries if not condition(entry)]
        assert len(kept) < len(self.entries), "nothing to remove"
        self.entries = kept

    # Evidence

    def evidence_tag(self, suffix, digest=None):
        return f"{(digest or self.root['digest']).replace(':', '-')}.{suffix}"

    def bundles(self, predicate_type=None, about=None):
        """Entries of bundles with their manifests: (entry, manifest)."""
        found = []
        for entry in self.entries:
            if entry.get("artifactType") != BUNDLE:
                continue
            manifest = self.json(entry["digest"])
            annotated = entry["annotations"]["dev.sigstore.bundle.predicateType"]
            if predicate_type in (None, annotated) and about in (None, manifest["subject"]["digest"]):
                found.append((entry, manifest))
        return found

    def change_bundles(self, predicate_type, change, about=None):
        """Lets `change` alter the bundle and the manifest around it, of every bundle of a type about the index."""
        found = self.bundles(predicate_type, about or self.root["digest"])
        assert found, f"no bundle of {predicate_type}"
        for entry, manifest in found:
            bundle = self.json(manifest["layers"][0]["digest"])
            change(bundle, manifest)
            manifest["layers"] = [self.add(compact(bundle), manifest["layers"][0])]
            entry["annotations"] = dict(manifest["annotations"])
            self.replace(entry, manifest)

    def change_tag(self, suffix, change, digest=None):
        """Lets `change` alter the manifest of a `.sig` or `.att` tag."""
        entry = self.entry(self.evidence_tag(suffix, digest))
        manifest = self.json(entry["digest"])
        change(manifest)
        self.replace(entry, manifest)

    def restate(self, predicate_type, change, key):
        """Changes every statement of a type, about whatever manifest, and signs it anew: what a key's owner can do."""
        done = {}

        def changed(old):
            if old["payload"] not in done:
                statement = statement_of(old)
                change(statement)
                done[old["payload"]] = envelope(statement, key)
            return done[old["payload"]]

        self.change_envelopes(predicate_type, changed)

    def rewrite(self, predicate_type, change):
        """Changes what every statement of a type says, and leaves the signatures as they are: what anybody can do."""

        def changed(old):
            statement = statement_of(old)
            change(statement)
            payload = base64.b64encode(compact(statement)).decode()
            assert payload != old["payload"], "nothing altered"
            return {**old, "payload": payload}

        self.change_envelopes(predicate_type, changed)

    def change_envelopes(self, predicate_type, changed):
        """Puts `changed` of an envelope in its place, in bundles and in `.att`, of whatever manifest."""
        manifests = [self.root] + [entry for entry in self.index["manifests"]]
        for digest in [manifest["digest"] for manifest in manifests]:
            for entry, manifest in self.bundles(predicate_type, digest):
                bundle = self.json(manifest["layers"][0]["digest"])
                bundle["dsseEnvelope"] = changed(bundle["dsseEnvelope"])
                manifest["layers"] = [self.add(compact(bundle), manifest["layers"][0])]
                self.replace(entry, manifest)

            def relayer(manifest):
                for position, layer in enumerate(manifest["layers"]):
                    if layer["annotations"]["predicateType"] == predicate_type:
                        new = changed(self.json(layer["digest"]))
                        manifest["layers"][position] = self.add(compact(new), layer)

            self.change_tag("att", relayer, digest)

    def restate_platform(self, predicate_type, change, key):
        """The same for the statements about one platform's image alone."""
        first = self.index["manifests"][0]["digest"].removeprefix("sha256:")

        def only_first(statement):
            if [subject["digest"]["sha256"] for subject in statement["subject"]] == [first]:
                change(statement["predicate"])

        self.restate(predicate_type, only_first, key)

    # The image itself

    def replace_index(self, index):
        """Puts another index under the tags; the evidence of the old one goes along as far as it can."""
        old = self.root
        new = self.add(compact(index), {"mediaType": old["mediaType"]})
        for position, entry in enumerate(self.entries):
            if entry["digest"] == old["digest"]:
                self.entries[position] = {**entry, "digest": new["digest"], "size": new["size"]}
        self.move_evidence(old["digest"], new)

    def move_evidence(self, old, new):
        for entry in list(self.entries):
            manifest = self.json(entry["digest"])
            if manifest.get("subject", {}).get("digest") == old:
                manifest["subject"] = {name: new[name] for name in ("mediaType", "digest", "size")}
                self.replace(entry, manifest)
        for entry in self.entries:
            tag = entry.get("annotations", {}).get(NAME, "")
            if tag.startswith(old.replace(":", "-")):
                entry["annotations"] = {**entry["annotations"], NAME: tag.replace(old[7:], new["digest"][7:])}

    def replace_platform(self, change):
        """Lets `change` alter the first platform's manifest, and makes the index anew."""
        index = self.index
        old = index["manifests"][0]
        manifest = self.json(old["digest"])
        change(manifest)
        new = self.add(compact(manifest), old)
        index["manifests"][0] = new
        self.move_evidence(old["digest"], new)
        self.replace_index(index)
