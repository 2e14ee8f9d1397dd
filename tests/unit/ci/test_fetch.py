# SPDX-License-Identifier: Apache-2.0
"""What is said of a fetched file in the manifest. Obtaining is tested with relocking, storing in test_store.py."""

import dataclasses

from ci.lib import fetch


def test_record_has_the_manifests_keys(archive):
    entry = archive.add("a")
    row = fetch.record([fetch.Fetched(entry, archive.root, True)], "root")[0]
    assert list(row) == ["purpose", "name", "version", "architecture", "size", "sha256", "suite", "path", "locked"]
    assert row == {"purpose": "root", **dataclasses.asdict(entry), "locked": True}
