# SPDX-License-Identifier: Apache-2.0
"""Alterations of the image itself, with the evidence moved along as far as somebody without the key can."""

from catalogue import alteration
from image import NAME, Image, compact

# containers/image asks for the signatures of the images that it copies, and not for the index's.
INDEX_SIGNATURES = ("cosign2-signature", "cosign3-signature", "cosign3-verify")
ALL_SIGNATURES = (*INDEX_SIGNATURES, "cosign2-platform", "cosign3-platform", "skopeo")


@alteration("skopeo-layout", layout_only=True)
def layer_byte(image, hands):
    image.flip_blob(image.json(image.index["manifests"][0]["digest"])["layers"][0]["digest"])


@alteration("skopeo-layout", layout_only=True)
def configuration_byte(image, hands):
    image.flip_blob(image.json(image.index["manifests"][0]["digest"])["config"]["digest"])


@alteration("skopeo-layout", layout_only=True)
def manifest_byte(image, hands):
    image.flip_blob(image.index["manifests"][0]["digest"])


@alteration("skopeo-layout", layout_only=True)
def index_digest(image, hands):
    """A tag that points at something that is not there."""
    image.root["digest"] = "sha256:" + "0" * 64


@alteration(*ALL_SIGNATURES)
def layer_replaced(image, hands):
    def change(manifest):
        manifest["layers"][0] = image.add(b"something else", manifest["layers"][0])

    image.replace_platform(change)


def change_configuration(image, change):
    def altered(manifest):
        configuration = image.json(manifest["config"]["digest"])
        change(configuration)
        manifest["config"] = image.add(compact(configuration), manifest["config"])

    image.replace_platform(altered)


@alteration(*ALL_SIGNATURES)
def configuration(image, hands):
    """The same files, to be run by root."""

    def change(configuration):
        configuration["config"]["User"] = "0"

    change_configuration(image, change)


@alteration(*ALL_SIGNATURES)
def diff_id(image, hands):
    def change(configuration):
        configuration["rootfs"]["diff_ids"][0] = "sha256:" + "0" * 64

    change_configuration(image, change)


@alteration(*INDEX_SIGNATURES)
def platforms_swapped(image, hands):
    index = image.index
    first, second = index["manifests"][:2]
    first["platform"], second["platform"] = second["platform"], first["platform"]
    image.replace_index(index)


@alteration(*INDEX_SIGNATURES)
def platform_of_another_image(image, hands):
    """One platform put back to the release before, whose own signatures are good."""
    older = Image(hands.older)
    index = image.index
    replayed = older.index["manifests"][0]
    manifest = older.json(replayed["digest"])
    for descriptor in [manifest["config"], *manifest["layers"]]:
        image.add(older.read(descriptor["digest"]), {})
    image.add(older.read(replayed["digest"]), {})
    for entry in older.entries:
        document = older.json(entry["digest"])
        tag = entry.get("annotations", {}).get(NAME, "")
        about = document.get("subject", {}).get("digest") == replayed["digest"]
        if about or tag == older.evidence_tag("att", replayed["digest"]):
            for descriptor in [document["config"], *document["layers"]]:
                image.add(older.read(descriptor["digest"]), {})
            image.entries.append(image.add(older.read(entry["digest"]), entry))
    index["manifests"][0] = replayed
    image.replace_index(index)


@alteration("cosign2-policy", "cosign3-policy")
def older_image(image, hands):
    """The tag put back to the release before, whose evidence is all good: only who says what he expects notices."""
    older = Image(hands.older)
    for entry in older.entries:
        for name in [entry["digest"], *linked(older, entry["digest"])]:
            image.add(older.read(name), {})
    image.entries = older.entries
    image.tag = older.tag


def linked(image, digest):
    """Everything that a manifest or an index names."""
    document = image.json(digest)
    for entry in document.get("manifests", []):
        yield entry["digest"]
        yield from linked(image, entry["digest"])
    for descriptor in [*document.get("layers", []), *([document["config"]] if "config" in document else [])]:
        yield descriptor["digest"]


@alteration(layout_only=True)
def tag_twice(image, hands):
    index = image.index
    index["manifests"].pop()
    image.entries.append(image.add(compact(index), image.root))


@alteration(*INDEX_SIGNATURES, "skopeo")
def index_and_manifest_at_once(image, hands):
    """What one reader takes for an index and another for a manifest (CVE-2021-41190)."""
    index = image.index
    index["layers"] = image.json(index["manifests"][0]["digest"])["layers"]
    image.replace_index(index)
