# SPDX-License-Identifier: Apache-2.0
"""image/manifest.py: one fixed text for the same inputs, and `locked` only when everything is."""

import hashlib
import json

import pytest

from ci.lib.errors import Fault
from image import boot_paths, manifest
from image.command_lines import CommandLine
from image.verity import Verity

VERITY = Verity(root_hash="ab" * 32, salt="cd" * 32, data_blocks=7)
TOOLS = {name: "1" for name in manifest.TOOLS}
LINES = [CommandLine("hallmark", 'a="b c"', "a test")]


def row(name="libc6", locked=True):
    return {
        "locked": locked, "path": "pool/x", "suite": "trixie", "sha256": "00" * 32, "size": 5, "architecture": "amd64",
        "version": "1", "name": name, "purpose": "root",
    }  # fmt: skip


@pytest.fixture
def artefacts(tmp_path):
    files = {}
    for key in manifest.ARTEFACTS:
        files[key] = tmp_path / key
        files[key].write_text(key)
    return files


def render(artefacts, inputs, tools=None):
    return manifest.render("0.1.0", artefacts, VERITY, LINES, inputs, TOOLS if tools is None else tools)


def test_keys_and_values_in_their_order(artefacts):
    text = render(artefacts, [row()], TOOLS | {"zlib1g": "1", "erofs-utils": "1.8"})
    document = json.loads(text)
    keys = [
        "schema", "name", "version", "locked", "artefacts", "verity", "command_lines", "boot_paths", "inputs", "tools",
    ]  # fmt: skip
    assert list(document) == keys
    assert list(document["artefacts"]) == ["kernel", "firmware_amdsev", "firmware_generic", "disk", "uki", "uki_disk"]
    assert document["artefacts"]["uki_disk"]["file"] == "guest-uki.img"
    kernel = {"file": "vmlinuz", "size": 6, "sha256": hashlib.sha256(b"kernel").hexdigest()}
    assert document["artefacts"]["kernel"] == kernel
    assert list(document["verity"].items()) == [
        ("hash_algorithm", "sha256"), ("root_hash", "ab" * 32), ("salt", "cd" * 32), ("data_blocks", 7),
        ("data_block_size", 4096), ("hash_block_size", 4096), ("data_partition", 1), ("hash_partition", 2),
    ]  # fmt: skip
    assert document["command_lines"] == [{"name": "hallmark", "text": 'a="b c"', "describes": "a test"}]
    assert document["boot_paths"] == boot_paths.render(["hallmark"])
    assert list(document["inputs"][0]) == list(manifest.INPUT_KEYS)
    assert document["tools"] == TOOLS | {"erofs-utils": "1.8"}
    assert list(document["tools"]) == sorted(document["tools"])
    assert text.endswith("}\n") and '\n  "name"' in text


def test_order_of_inputs_does_not_matter(artefacts):
    assert render(artefacts, [row("a"), row("b")]) == render(artefacts, [row("b"), row("a")])


@pytest.mark.parametrize(("second", "expected"), [(True, True), (False, False)])
def test_locked_only_if_all_are(artefacts, second, expected):
    assert json.loads(render(artefacts, [row("a"), row("b", second)]))["locked"] is expected


def test_tool_that_is_not_in_the_build_root_is_named(artefacts):
    with pytest.raises(Fault, match="tools: meson is not in the build root"):
        render(artefacts, [row()], {name: "1" for name in TOOLS if name != "meson"})


def test_rows_of_another_shape_are_refused(artefacts):
    for bad in (row() | {"more": 1}, {"name": "x"}, row() | {"locked": "yes"}, "libc6"):
        with pytest.raises(Fault, match="exactly the keys"):
            render(artefacts, [bad])


@pytest.mark.parametrize("text", ["", "{}", "[]", "[1"])
def test_records_that_are_no_list_are_refused(tmp_path, text):
    (tmp_path / "inputs.json").write_text(text)
    with pytest.raises(Fault, match="inputs.json"):
        manifest.read_inputs(tmp_path / "inputs.json")
