# SPDX-License-Identifier: Apache-2.0
"""image/boot_paths.py: every list names only what there is, and no path leaves out a measurement."""

import json

import pytest

from image import boot_paths, manifest

PATHS = boot_paths.render(["hallmark", "kata-4.1-go"])


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path["name"])
def test_only_known_names_and_all_measurements(path):
    assert list(path) == ["name", "artefacts", "command_lines", "covered_by", "describes"]
    assert set(path["artefacts"]) <= set(manifest.ARTEFACTS)
    assert tuple(path["covered_by"]) == boot_paths.MEASUREMENTS
    parts = {*path["artefacts"], boot_paths.COMMAND_LINE, boot_paths.ADDITIONS}
    for covered in path["covered_by"].values():
        assert set(covered) <= parts and len(set(covered)) == len(covered)
    assert json.dumps(path).isascii()


def test_the_launch_digest_does_not_cover_the_uki():
    direct, uki = PATHS
    assert (direct["name"], uki["name"]) == ("direct", "uki")
    assert direct["covered_by"]["snp_launch_digest"] == ["firmware_amdsev", "kernel", "command_line"]
    assert uki["covered_by"]["snp_launch_digest"] == ["firmware_generic"]
    assert uki["covered_by"]["tdx_rtmr1"] == ["uki", "kernel"]
    assert uki["covered_by"]["tdx_rtmr2"] == ["uki", "command_line", "command_line_additions"]


def test_the_uki_has_one_command_line():
    assert [path["command_lines"] for path in PATHS] == [["hallmark", "kata-4.1-go"], ["hallmark"]]
