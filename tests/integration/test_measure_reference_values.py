# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure reference-values on a folder as the image build leaves it, with small artefacts."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from image import boot_paths

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors")) / "amd-sev"
PROGRAM = BUILD / "measure" / "hallmark-measure"
OUTPUTS = ("reference-values.json", "rvps-message.json")
LINES = {"hallmark": 'dm-mod.create="dm-verity,,,ro" root=/dev/dm-0', "kata-4.1-go": "console=hvc0 quiet"}


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False)


def artefact(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"file": path.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def write_manifest(folder: Path, **changes: Any) -> None:
    manifest = {
        "schema": "hallmark/manifest/v1",
        "name": "hallmark-guest",
        "version": "0.1.0",
        "locked": True,
        "artefacts": {
            "kernel": artefact(folder / "vmlinuz"),
            "firmware_amdsev": artefact(folder / "OVMF.amdsev.fd"),
            "firmware_generic": artefact(folder / "OVMF.fd"),
            "disk": artefact(folder / "guest.img"),
            "uki": artefact(folder / "guest.efi"),
            "uki_disk": artefact(folder / "guest-uki.img"),
        },
        "verity": {"hash_algorithm": "sha256", "root_hash": "00" * 32, "salt": "11" * 32, "data_blocks": 1,
                   "data_block_size": 4096, "hash_block_size": 4096, "data_partition": 1, "hash_partition": 2},
        "command_lines": [{"name": name, "text": text, "describes": name} for name, text in LINES.items()],
        "boot_paths": boot_paths.render(list(LINES)),
        "inputs": [],
        "tools": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | changes, indent=2) + "\n")


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    maker = VECTORS / "make-synthetic-firmware.py"
    if not maker.is_file():
        pytest.skip(f"{maker} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    subprocess.run([sys.executable, maker, tmp_path / "made"], check=True)
    folder = tmp_path / "guest"
    folder.mkdir()
    for made, name in (("amdsev-64k.fd", "OVMF.amdsev.fd"), ("ovmfx64-64k.fd", "OVMF.fd"),
                       ("synthetic-kernel", "vmlinuz"), ("synthetic-initrd", "guest.img"),
                       ("synthetic-kernel", "guest.efi"), ("synthetic-initrd", "guest-uki.img")):
        (folder / name).write_bytes((tmp_path / "made" / made).read_bytes())
    write_manifest(folder)
    return folder


def test_rows_are_what_snp_prints(guest: Path) -> None:
    done = run("reference-values", guest)
    assert (done.returncode, done.stderr) == (0, "")
    values = json.loads((guest / OUTPUTS[0]).read_text())
    manifest = (guest / "manifest.json").read_bytes()
    assert values["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    launches = {(row["command_line"], row["vcpu_type"], row["vcpus"]): row for row in values["snp"]["launches"]}
    assert len(launches) == len(values["snp"]["launches"]) == 2 * 25 * 64
    for line, cpu, vcpus in (("hallmark", "EPYC-v4", 2), ("kata-4.1-go", "EPYC-Genoa", 1),
                             ("kata-4.1-go", "EPYC-Turin-v2", 64)):
        row = launches[line, cpu, vcpus]
        printed = run("snp", "--ovmf", guest / "OVMF.amdsev.fd", "--kernel", guest / "vmlinuz", "--append", LINES[line],
                      "--vcpus", str(vcpus), "--vcpu-sig", row["vcpu_signature"],
                      "--guest-features", row["guest_features"], "--vmm-type", row["vmm_type"])
        assert printed.stdout == row["launch_digest"] + "\n"


def test_rvps_message_has_every_digest_once(guest: Path) -> None:
    assert run("reference-values", guest).returncode == 0
    values = json.loads((guest / OUTPUTS[0]).read_text())
    message = json.loads((guest / OUTPUTS[1]).read_text())
    assert (message["version"], message["type"], len(message)) == ("0.1.0", "sample", 3)
    payload = json.loads(base64.b64decode(message["payload"], validate=True))
    digests = payload.pop("snp_launch_measurement")
    assert len(digests) == len(set(digests)) == 2 * 5 * 64
    assert set(digests) == {row["launch_digest"] for row in values["snp"]["launches"]}
    assert payload == {"snp_guest_abi_major": 0, "snp_guest_abi_minor": 0, "snp_smt_allowed": True,
                       "snp_single_socket": False}


def test_same_input_same_bytes(guest: Path) -> None:
    answer = json.loads(run("reference-values", guest, "--json").stdout)
    assert answer["launches"] == 3200 and answer["files"] == list(OUTPUTS)
    first = [(guest / name).read_bytes() for name in OUTPUTS]
    assert run("reference-values", guest).returncode == 0
    assert [(guest / name).read_bytes() for name in OUTPUTS] == first
    assert [(guest / name).stat().st_mode & 0o777 for name in OUTPUTS] == [0o644, 0o644]
    assert sorted(path.name for path in guest.iterdir()) == sorted(
        ["OVMF.amdsev.fd", "OVMF.fd", "guest-uki.img", "guest.efi", "guest.img", "manifest.json", "vmlinuz", *OUTPUTS])


@pytest.mark.parametrize("name", ["vmlinuz", "OVMF.amdsev.fd", "OVMF.fd", "guest.img", "guest.efi", "guest-uki.img"])
def test_changed_artefact_is_refused(name: str, guest: Path) -> None:
    content = bytearray((guest / name).read_bytes())
    content[17] ^= 1
    (guest / name).write_bytes(content)
    done = run("reference-values", guest)
    assert done.returncode == 1 and name in done.stderr and "SHA-256" in done.stderr
    assert done.stderr.count("\n") == 1 and done.stdout == ""
    assert not any((guest / output).exists() for output in OUTPUTS)


def test_unknown_key_is_refused_and_old_values_stay(guest: Path) -> None:
    assert run("reference-values", guest).returncode == 0
    before = [(guest / name).read_bytes() for name in OUTPUTS]
    write_manifest(guest, colour="blue")
    done = run("reference-values", guest)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "manifest.json: colour: unknown key" in done.stderr
    assert [(guest / name).read_bytes() for name in OUTPUTS] == before


def test_output_that_cannot_be_replaced(guest: Path) -> None:
    (guest / OUTPUTS[0]).mkdir()
    done = run("reference-values", guest)
    assert done.returncode == 2 and OUTPUTS[0] in done.stderr and done.stderr.count("\n") == 1
    assert not any(path.name.startswith(OUTPUTS[0] + ".") for path in guest.iterdir())
