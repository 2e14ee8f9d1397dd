# SPDX-License-Identifier: Apache-2.0
"""The firmware's event log, read from outside in the memory of a machine.

OVMF writes none where QEMU's TPM2 table says (LASA): that memory stays zero. Its log goes through the TCG2 protocol, from
which Linux' EFI stub copies it before the firmware's memory is given up; what comes later is in a table of its own.
Source: TCG EFI Protocol Specification 1.00, section 7 (EFI_TCG2_FINAL_EVENTS_TABLE); Linux, include/linux/efi.h
(LINUX_EFI_TPM_EVENT_LOG_GUID, struct linux_efi_tpm_eventlog); UEFI Specification 2.10, section 4.6 (configuration table).
"""

import hashlib
import mmap
import struct
import uuid
from pathlib import Path

from tests.boot.tpm import DIGEST_SIZES

LOG_COPY = uuid.UUID("b7799cb0-eca2-4943-9667-1fae07b747fa")
FINAL_EVENTS = uuid.UUID("1e2ed096-30e2-4254-bd89-863bbef82325")
COPY_HEADER = struct.Struct("<IIB")  # size, how much of the final events it has already, version of the log's form
FINAL_HEADER = struct.Struct("<QQ")  # version, number of events
CRYPTO_AGILE = 2
LARGEST = 1 << 20
HASHES = {0x4: "sha1", 0xB: "sha256", 0xC: "sha384", 0xD: "sha512"}


def find(ram: Path) -> bytes | None:
    """The whole log up to the moment at which the kernel took over, or nothing while it isn't complete."""
    with ram.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        for copy in _table(memory, LOG_COPY):
            size, taken, version = COPY_HEADER.unpack_from(memory, copy)
            if version != CRYPTO_AGILE or not 0 < size < LARGEST:
                continue
            log = memory[copy + COPY_HEADER.size : copy + COPY_HEADER.size + size]
            for table in _table(memory, FINAL_EVENTS):
                form, count = FINAL_HEADER.unpack_from(memory, table)
                if form == 1 and 2 <= count < 100:  # the two words of the firmware when boot services end
                    end = table + FINAL_HEADER.size
                    for _ in range(count):
                        end += _record_size(memory, end)
                    return log + memory[table + FINAL_HEADER.size + taken : end]
    return None


def registers(extended: dict[int, list[str]], algorithm: int) -> dict[str, str]:
    """PCR to its value after these extensions."""
    values = {}
    for pcr, digests in extended.items():
        value = bytes(DIGEST_SIZES[algorithm])
        for digest in digests:
            value = hashlib.new(HASHES[algorithm], value + bytes.fromhex(digest)).digest()
        values[str(pcr)] = value.hex()
    return values


def _table(memory: mmap.mmap, name: uuid.UUID) -> list[int]:
    """Where entries of a configuration table with this name point to, as far as that is in memory."""
    found, at = [], memory.find(name.bytes_le)
    while at >= 0:
        (place,) = struct.unpack_from("<Q", memory, at + 16)
        if 0 < place < len(memory) - LARGEST:
            found.append(place)
        at = memory.find(name.bytes_le, at + 1)
    return found


def _record_size(memory: mmap.mmap, at: int) -> int:
    """Of a TCG_PCR_EVENT2."""
    (count,) = struct.unpack_from("<I", memory, at + 8)
    assert count <= len(DIGEST_SIZES)
    end = at + 12
    for _ in range(count):
        end += 2 + DIGEST_SIZES[struct.unpack_from("<H", memory, end)[0]]
    return end + 4 + struct.unpack_from("<I", memory, end)[0] - at
