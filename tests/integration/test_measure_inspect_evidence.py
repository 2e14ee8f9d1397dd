# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure inspect of evidence, firmware and init-data: real files, against what others say of them."""

import gzip
import hashlib
import json
import os
import struct
import subprocess
from pathlib import Path

import pytest

from tests.integration import svsm_oracle
from tests.support.igvm import SNP, TDX, UNMEASURED, IgvmFile

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HALLMARK_BUILD", ROOT / "build"))
GUEST = Path(os.environ.get("HALLMARK_GUEST", BUILD / "guest"))
VECTORS = Path(os.environ.get("HALLMARK_VECTORS", ROOT / "../shared/vectors"))
PROGRAM = BUILD / "measure" / "hallmark-measure"


def inspected(path: Path) -> dict:
    done = subprocess.run([PROGRAM, "inspect", path, "--json"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    tree = subprocess.run([PROGRAM, "inspect", path], capture_output=True, text=True, timeout=60, check=True).stdout
    answer = json.loads(done.stdout)
    assert tree.startswith(f"format: {answer['format']}\n")
    return answer


def vector(name: str) -> Path:
    path = VECTORS / name
    if not path.is_file():
        pytest.skip(f"{path} is missing; set HALLMARK_VECTORS to the folder of the test vectors")
    return path


def test_quote_as_another_verifier_reads_it() -> None:
    shown = inspected(vector("intel-tdx/quote_v4.dat"))
    claims = json.loads(vector("intel-tdx/quote_v4.claims.json").read_text())
    assert shown["format"] == "tdx-quote" and shown["version"] == 4
    body = claims["quote"]["body"]
    for ours, theirs in (("mr_td", "mr_td"), ("mr_seam", "mr_seam"), ("rtmr0", "rtmr_0"), ("rtmr1", "rtmr_1"),
                         ("rtmr2", "rtmr_2"), ("rtmr3", "rtmr_3"), ("report_data", "report_data"),
                         ("mr_config_id", "mr_config_id"), ("tee_tcb_svn", "tcb_svn")):
        assert shown["body"][ours] == body[theirs], ours
    for ours, theirs in (("debug", "debug"), ("sept_ve_disable", "septve_disable"), ("perfmon", "perfmon"),
                         ("key_locker", "key_locker"), ("protection_keys", "protection_keys")):
        assert shown["body"]["td_attributes"][ours] == claims["td_attributes"][theirs]


def test_quote_of_version_5() -> None:
    path = vector("intel-tdx/quote_v5.dat")
    raw = path.read_bytes()
    shown = inspected(path)
    body = shown["body"]
    assert shown["body_type"] == "TDX 1.5"
    assert body["mr_td"] == raw[54 + 136:54 + 184].hex()
    assert body["rtmr2"] == raw[54 + 424:54 + 472].hex()
    assert body["tee_tcb_svn2"] == raw[54 + 584:54 + 600].hex()
    assert shown["certification"]["certificates"] == raw.count(b"-----BEGIN CERTIFICATE-----") == 3


def test_snp_report() -> None:
    path = vector("amd-sev/report_milan_v2.hex")
    raw = bytes.fromhex(path.read_text())
    shown = inspected(path)
    assert shown["format"] == "snp-report"
    assert shown["measurement"] == raw[0x90:0xC0].hex()
    assert shown["host_data"] == raw[0xC0:0xE0].hex()
    assert shown["chip_id"] == raw[0x1A0:0x1E0].hex()
    assert shown["policy"]["value"] == hex(struct.unpack_from("<Q", raw, 8)[0])


def test_snp_report_of_a_known_product(tmp_path: Path) -> None:
    """A report of version 3, as the KBS protocol carries it: its numbers are named there."""
    report = json.loads(vector("confidential-containers/snp-evidence.json").read_text())["attestation_report"]
    raw = bytearray(0x4A0)
    struct.pack_into("<IIQ", raw, 0, report["version"], report["guest_svn"], report["policy"])
    raw[0x90:0xC0] = bytes(report["measurement"])
    parts = report["reported_tcb"]
    raw[0x180:0x188] = bytes([parts["bootloader"], parts["tee"], 0, 0, 0, 0, parts["snp"], parts["microcode"]])
    raw[0x188:0x18B] = bytes([report["cpuid_fam_id"], report["cpuid_mod_id"], report["cpuid_step"]])
    (tmp_path / "report.bin").write_bytes(raw)
    shown = inspected(tmp_path / "report.bin")
    assert shown["reported_tcb"] == {"bytes": raw[0x180:0x188].hex(), "boot_loader": parts["bootloader"],
                                     "tee": parts["tee"], "snp": parts["snp"], "microcode": parts["microcode"]}


def test_init_data(tmp_path: Path) -> None:
    assert inspected(vector("confidential-containers/initdata.img"))["size"] == len("some content")
    for algorithm in ("sha256", "sha384", "sha512"):
        text = f'algorithm = "{algorithm}"\nversion = "0.1.0"\n\n[data]\n"cdh.toml" = "\\u0007x"\n'.encode()
        digest = hashlib.new(algorithm, text).digest()
        compressed = gzip.compress(text)
        disk = b"initdata" + struct.pack("<Q", len(compressed)) + compressed
        (tmp_path / "init.toml").write_bytes(text)
        (tmp_path / "init.img").write_bytes(disk + bytes(-len(disk) % 512))
        for name in ("init.toml", "init.img"):
            shown = inspected(tmp_path / name)
            assert shown["digest"] == digest.hex()
            assert bytes.fromhex(shown["host_data"]) == digest[:32]
            assert bytes.fromhex(shown["mr_config_id"]) == digest[:48].ljust(48, b"\0")
            assert shown["data"] == {"cdh.toml": "\ax"}


def test_firmware() -> None:
    shown = inspected(vector("amd-sev/ovmf_2M.fd"))
    assert shown["format"] == "ovmf"
    # As edk2-stable202405 lays out AmdSevX64.
    assert [(one["type"], one["gpa"], one["size"]) for one in shown["sev_sections"]] == [
        ("memory", "0x800000", "0x9000"), ("memory", "0x80a000", "0x3000"), ("secrets", "0x80d000", "0x1000"),
        ("CPUID", "0x80e000", "0x1000"), ("SVSM calling area", "0x80f000", "0x1000"),
        ("kernel hashes", "0x810000", "0x1000"), ("memory", "0x811000", "0xf000")]
    # The end of an image of 4 MiB.
    assert "whole firmware image" in shown["tdx_sections"]["error"]


def test_svsm_beside_a_firmware(tmp_path: Path) -> None:
    (tmp_path / "svsm.bin").write_bytes(svsm_oracle.make(launch_offset=0x234).image)
    shown = inspected(tmp_path / "svsm.bin")
    assert {one["name"]: one["data"] for one in shown["guid_table"]}["SVSM information"] == "34020000"
    assert [(one["type"], one["gpa"], one["size"]) for one in shown["sev_sections"]] == [
        ("memory", "0x0", "0x9e000"), ("secrets", "0x9e000", "0x1000"), ("CPUID", "0x9f000", "0x1000")]


def test_firmware_and_manifest_of_the_image() -> None:
    for name in ("OVMF.fd", "OVMF.amdsev.fd", "manifest.json"):
        if not (GUEST / name).is_file():
            pytest.skip(f"no {name} in {GUEST}: the image was not built")
    firmware = inspected(GUEST / "OVMF.fd")
    assert firmware["sha256"] == hashlib.sha256((GUEST / "OVMF.fd").read_bytes()).hexdigest()
    # The code is measured page by page, the variables are not: they count in RTMR0.
    assert [(one["type"], one["measured"]) for one in firmware["tdx_sections"]][:2] == [("BFV", True), ("CFV", False)]
    code, variables = firmware["tdx_sections"][:2]
    assert int(code["gpa"], 0) + int(code["size"], 0) == 1 << 32 and int(variables["offset"], 0) == 0
    assert int(code["data_size"], 0) + int(variables["data_size"], 0) == (GUEST / "OVMF.fd").stat().st_size
    assert {one["added_later"] for one in firmware["tdx_sections"]} == {False}
    assert inspected(GUEST / "OVMF.amdsev.fd")["sev_sections"][-1]["type"] == "kernel hashes"
    manifest = inspected(GUEST / "manifest.json")
    assert manifest.pop("format") == "manifest"
    assert manifest == json.loads((GUEST / "manifest.json").read_text())


def test_igvm(tmp_path: Path) -> None:
    file = IgvmFile(platforms=(SNP, TDX), version=2).policy(0x30000).area(4, 2).insert(4, 0x8000)
    for i in range(1000):
        file.page(0x100000 + i * 4096, bytes([i & 0xFF]) * 4096, mask=SNP | TDX)
    file.page(0x800000, flags=UNMEASURED).context(bytes(4096))
    (tmp_path / "guest.igvm").write_bytes(file.bytes())
    shown = inspected(tmp_path / "guest.igvm")
    assert shown["format"] == "igvm" and shown["format_version"] == 2
    assert [one["type"] for one in shown["platforms"]] == ["SEV-SNP", "TDX"]
    assert shown["headers"] == [
        {"header": "IGVM_VHT_GUEST_POLICY", "policy": "0x30000", "platforms": "0x1"},
        {"header": "IGVM_VHT_PARAMETER_AREA", "area": 4, "size": "0x2000"},
        {"header": "IGVM_VHT_PARAMETER_INSERT", "area": 4, "gpa": "0x8000", "platforms": "0x1"},
        {"header": "IGVM_VHT_PAGE_DATA", "gpa": "0x100000", "size": "0x3e8000", "type": "normal", "platforms": "0x3"},
        {"header": "IGVM_VHT_PAGE_DATA", "gpa": "0x800000", "size": "0x1000", "type": "normal, unmeasured, zeros",
         "platforms": "0x1"},
        {"header": "IGVM_VHT_VP_CONTEXT", "vp": 0, "gpa": "0xfffffffff000", "platforms": "0x1"}]
