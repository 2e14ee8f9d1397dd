# SPDX-License-Identifier: Apache-2.0
"""TDX quotes and event logs read by hand and verified with the command openssl, without anything of this project.

Source: Intel TDX DCAP Quote Generation and Verification Library, revision 0.9, appendix A.3.
"""

import hashlib
import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

HEADER, BODY_10, BODY_15, QE_REPORT = 48, 584, 648, 384
REPORT_DATA_OF_QE = 320


@dataclass
class Quote:
    version: int
    mrtd: str
    mrconfigid: str
    rtmrs: list[str]
    report_data: bytes


def read(file: Path) -> Quote:
    content = file.read_bytes()
    body = content[_body(content) :]
    return Quote(struct.unpack_from("<H", content)[0], body[136:184].hex(), body[184:232].hex(),
                 [body[at : at + 48].hex() for at in range(328, 520, 48)], body[520:584])


def extended(value: bytes, event: bytes) -> bytes:
    """A register of SHA-384 after an event (Intel TDX Module Base Architecture, TDG.MR.RTMR.EXTEND)."""
    return hashlib.sha384(value + hashlib.sha384(event).digest()).digest()


def runtime_event(text: bytes) -> bytes:
    """The data of an entry in the attestation agent's event log (AAEL, a TCG_PCClientTaggedEvent)."""
    return b"LEAA" + struct.pack("<I", len(text)) + text


def replay(ccel: Path) -> list[str]:
    """RTMR0 to RTMR3 as a log with one bank, SHA-384, gives them (TCG PC Client Platform Firmware Profile, section 10)."""
    content = ccel.read_bytes()
    values = [bytes(48)] * 4
    at = 32 + struct.unpack_from("<I", content, 28)[0]
    while at < len(content) and content[at : at + 4] != b"\xff\xff\xff\xff":  # filling
        register, _, digests, algorithm = struct.unpack_from("<IIIH", content, at)
        assert digests == 1 and algorithm == 0xC
        values[register - 1] = hashlib.sha384(values[register - 1] + content[at + 14 : at + 62]).digest()
        at += 66 + struct.unpack_from("<I", content, at + 62)[0]
    assert not content[at:].strip(b"\xff")
    return [value.hex() for value in values]


def verify(file: Path, root: Path, folder: Path) -> None:
    """The chain under the root, the quoting enclave's report, its word for the attestation key, and the quote."""
    content = file.read_bytes()
    end = _body(content) + (BODY_10 if struct.unpack_from("<H", content)[0] == 4 else BODY_15)
    signed, signature = content[:end], content[end + 4 :]
    of_quote, key = signature[:64], signature[64:128]
    certified = signature[134:]
    report, of_report = certified[:QE_REPORT], certified[QE_REPORT : QE_REPORT + 64]
    size = struct.unpack_from("<H", certified, QE_REPORT + 64)[0]
    authentication = certified[QE_REPORT + 66 : QE_REPORT + 66 + size]
    pck, authority = re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", certified, re.DOTALL)[:2]
    (folder / "pck.pem").write_bytes(pck)
    (folder / "authority.pem").write_bytes(authority)
    _openssl("verify", "-CAfile", root, "-untrusted", folder / "authority.pem", folder / "pck.pem")
    pck_key = _openssl("x509", "-in", folder / "pck.pem", "-noout", "-pubkey")
    _verify_signature(pck_key, report, of_report, folder)
    bound = hashlib.sha256(key + authentication).digest()
    assert report[REPORT_DATA_OF_QE:] == bound + bytes(32)
    # SubjectPublicKeyInfo of a key of P-256 up to the point (RFC 5480).
    der = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") + key
    (folder / "key.der").write_bytes(der)
    _verify_signature(_openssl("pkey", "-pubin", "-inform", "DER", "-in", folder / "key.der"), signed, of_quote, folder)


def _body(content: bytes) -> int:
    return HEADER if struct.unpack_from("<H", content)[0] == 4 else HEADER + 6


def _verify_signature(key: bytes, message: bytes, numbers: bytes, folder: Path) -> None:
    integers = b"".join(_integer(numbers[at : at + 32]) for at in (0, 32))
    for name, data in (("key", key), ("message", message), ("signature", bytes([0x30, len(integers)]) + integers)):
        (folder / name).write_bytes(data)
    _openssl("dgst", "-sha256", "-verify", folder / "key", "-signature", folder / "signature", folder / "message")


def _integer(number: bytes) -> bytes:
    """As DER has it: without zeros in front, but for one where the top bit would mean a sign."""
    number = number.lstrip(b"\0")
    number = b"\0" + number if number[:1] >= b"\x80" else number
    return bytes([2, len(number)]) + number


def _openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *arguments], capture_output=True, timeout=60, check=True).stdout
