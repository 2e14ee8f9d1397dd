# SPDX-License-Identifier: Apache-2.0
"""A second implementation of one launch: OVMF and an SVSM beside it, from the same documents in another language."""

import hashlib
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

PAGE = 4096
ZERO_TYPE = {1: 3, 2: 5, 3: 6, 4: 3}  # section type -> PAGE_TYPE; contents are not measured
FOOTER = uuid.UUID("96b582de-1fb2-45f7-baea-a366c55a082d")
SEV_METADATA = uuid.UUID("dc886566-984a-4798-a75e-5585a7bf67cc")
SVSM_INFO = uuid.UUID("a789a612-0597-4c4b-a49f-cbb1fe9d1ddd")


@dataclass(frozen=True)
class Svsm:
    """An image and what its tables say."""

    image: bytes
    launch_offset: int
    sections: Sequence[tuple[int, int, int]]


MEMORY, SECRETS, CPUID = (0, 0x9E000, 1), (0x9E000, 0x1000, 2), (0x9F000, 0x1000, 3)


def make(launch_offset: int = 0x234, size: int = 0x8000,
         sections: Sequence[tuple[int, int, int]] = (MEMORY, SECRETS, CPUID)) -> Svsm:  # fmt: skip
    """A small image: SEV metadata 0x400 bytes before the end, a GUIDed table 32 bytes before it."""
    image = bytearray((7 * i + i // 256) & 0xFF for i in range(size))
    metadata = struct.pack("<4sIII", b"ASEV", 16 + 12 * len(sections), 1, len(sections))
    metadata += b"".join(struct.pack("<III", *section) for section in sections)
    image[size - 0x400 : size - 0x400 + len(metadata)] = metadata
    table = entry(SEV_METADATA, 0x400) + entry(SVSM_INFO, launch_offset)
    table += struct.pack("<H", len(table) + 18) + FOOTER.bytes_le
    image[size - 32 - len(table) : size - 32] = table
    return Svsm(bytes(image), launch_offset, sections)


def entry(name: uuid.UUID, value: int) -> bytes:
    return struct.pack("<IH", value, 4 + 18) + name.bytes_le


def state(start: int, signature: int, features: int, fcw: int) -> bytes:
    """The VMSA of every CPU: AMD64 Architecture Programmer's Manual, volume 2, table B-4."""
    page = bytearray(PAGE)
    segments = {0x00: (0x10, 0xC93), 0x10: (8, 0xC9B), 0x20: (0x10, 0xC93), 0x30: (0x10, 0xC93), 0x40: (0x10, 0xC93)}
    for offset, (selector, attributes) in segments.items():
        struct.pack_into("<HHI", page, offset, selector, attributes, 0xFFFFFFFF)
    for offset, attributes in {0x50: 0x93, 0x60: 0, 0x70: 0x82, 0x80: 0, 0x90: 0x8B}.items():
        struct.pack_into("<HHI", page, offset, 0, attributes, 0xFFFF)
    registers = {0xD0: 0x1000, 0x148: 0x40, 0x158: 0x11, 0x160: 0x400, 0x168: 0xFFFF0FF0, 0x170: 2, 0x178: start,
                 0x268: 0x0007040600070406, 0x310: signature, 0x3B0: features, 0x3E8: 1}  # fmt: skip
    for offset, value in registers.items():
        struct.pack_into("<Q", page, offset, value)
    struct.pack_into("<I", page, 0x408, 0x1F80)
    struct.pack_into("<H", page, 0x410, fcw)
    return bytes(page)


def digest(ovmf: bytes, svsm: Svsm, variables: int, vcpus: int, signature: int, features: int = 1,
           fcw: int = 0x37F) -> str:  # fmt: skip
    value = bytes(48)

    def add(page_type: int, gpa: int, content: bytes = bytes(48)) -> None:
        nonlocal value
        value = hashlib.sha384(value + content + struct.pack("<HB5xQ", 0x70, page_type, gpa)).digest()

    def add_image(image: bytes, begin: int) -> None:
        for offset in range(0, len(image), PAGE):
            add(1, begin + offset, hashlib.sha384(image[offset : offset + PAGE]).digest())

    base = (1 << 32) - len(ovmf)
    below = base - variables - len(svsm.image)
    add_image(ovmf, base)
    add_image(svsm.image, below)
    for gpa, size, kind in svsm.sections:
        for page in range(gpa, gpa + size, PAGE):
            add(ZERO_TYPE[kind], page)
    cpu = hashlib.sha384(state(below + svsm.launch_offset, signature, features, fcw)).digest()
    for _ in range(vcpus):
        add(2, 0xFFFFFFFFF000, cpu)
    return value.hex()
