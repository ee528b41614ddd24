# SPDX-License-Identifier: Apache-2.0
"""Sends whatever a layout holds to a registry, as somebody would who does not care for its state."""

import http.client

from image import NAME


def push(image, target):
    host, repository = target.split("/", 1)
    connection = http.client.HTTPConnection(host, timeout=60)

    def call(method, path, body=None, media_type="application/octet-stream"):
        connection.request(method, f"/v2/{repository}/{path}", body, {"Content-Type": media_type})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 202, 404):
            raise SystemExit(f"{method} {path}: {answer.status} {text[:200]}")
        return answer

    def send_blob(descriptor):
        digest = descriptor["digest"]
        if call("HEAD", f"blobs/{digest}").status == 404:
            call("POST", f"blobs/uploads/?digest={digest}", image.read(digest))

    sent = set()

    def send(descriptor, tag=None):
        digest = descriptor["digest"]
        if digest not in sent:
            document = image.json(digest)
            for child in document.get("manifests", []):
                send(child)
            for blob in [*document.get("layers", []), *([document["config"]] if "config" in document else [])]:
                send_blob(blob)
        for name in [tag] if tag else [] if digest in sent else [digest]:
            call("PUT", f"manifests/{name}", image.read(digest), descriptor["mediaType"])
        sent.add(digest)

    for entry in image.entries:
        send(entry, entry.get("annotations", {}).get(NAME))
