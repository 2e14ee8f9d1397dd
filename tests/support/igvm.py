# SPDX-License-Identifier: Apache-2.0
"""IGVM files for tests, and what the processors make of them: written from the specifications, sharing nothing with
the program that is tested.

Source: the file format: microsoft/igvm, crate igvm_defs 0.4.0. SNP_LAUNCH_UPDATE: AMD publication 56860, revision 1.58,
section 8.17. MRTD: Intel 348549-005, section 12.2.1.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass, field

PAGE = 4096
SNP, TDX, VSM = 1, 2, 4
PLATFORM_TYPES = {SNP: 2, TDX: 3, VSM: 1}
LARGE, UNMEASURED, SHARED = 1, 2, 4
NORMAL, SECRETS, CPUID, CPUID_XF = 0, 1, 2, 3
KVM_VMSA_GPA = 0xFFFFFFFFF000


@dataclass
class IgvmFile:
    """Headers in the order in which they are added; data are laid behind them when the file is written."""

    platforms: tuple[int, ...] = (SNP,)
    version: int = 1
    headers: list[tuple[int, bytes, bytes]] = field(default_factory=list)  # type, content, data; "OFFS" names the data

    def add(self, kind: int, content: bytes, data: bytes = b"") -> "IgvmFile":
        self.headers.append((kind, content, data))
        return self

    def policy(self, value: int = 0x30000, mask: int = SNP) -> "IgvmFile":
        return self.add(0x101, struct.pack("<QII", value, mask, 0))

    def page(self, gpa: int, data: bytes = b"", flags: int = 0, kind: int = NORMAL, mask: int = SNP) -> "IgvmFile":
        offset = b"OFFS" if data else bytes(4)
        return self.add(0x302, struct.pack("<QI", gpa, mask) + offset + struct.pack("<IHH", flags, kind, 0), data)

    def area(self, index: int, pages: int = 1) -> "IgvmFile":
        return self.add(0x301, struct.pack("<QII", pages * PAGE, index, 0))

    def insert(self, index: int, gpa: int, mask: int = SNP) -> "IgvmFile":
        return self.add(0x303, struct.pack("<QII", gpa, mask, index))

    def parameter(self, kind: int, index: int, offset: int = 0) -> "IgvmFile":
        return self.add(kind, struct.pack("<II", index, offset))

    def context(self, vmsa: bytes, gpa: int = KVM_VMSA_GPA, index: int = 0, mask: int = SNP) -> "IgvmFile":
        return self.add(0x304, struct.pack("<QI", gpa, mask) + b"OFFS" + struct.pack("<HH", index, 0), vmsa)

    def required(self, gpa: int, size: int, mask: int = SNP) -> "IgvmFile":
        return self.add(0x305, struct.pack("<QIIII", gpa, mask, size, 0, 0))

    def error_range(self, gpa: int, size: int, mask: int = SNP) -> "IgvmFile":
        return self.add(0x30D, struct.pack("<QII", gpa, mask, size))

    def id_block(self, digest: bytes, mask: int = SNP) -> "IgvmFile":
        head = struct.pack("<IB3x48s16s16sIIII", mask, 0, digest, b"family".ljust(16), b"image".ljust(16), 1, 7, 1, 0)
        return self.add(0x30B, head + bytes(592))

    def bytes(self) -> bytes:
        platforms = [(0x1, struct.pack("<IBBHQ", mask, 0, PLATFORM_TYPES[mask], 1, 0), b"") for mask in self.platforms]
        headers = platforms + self.headers
        fixed = 24 if self.version == 1 else 32
        size = sum(8 + (len(content) + 7) // 8 * 8 for _, content, _ in headers)
        variable, data = b"", b""
        for kind, content, blob in headers:
            content = content.replace(b"OFFS", struct.pack("<I", fixed + size + len(data)))
            variable += struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)
            data += blob
        return sealed(bytes(fixed) + variable + data, fixed, size, self.version)


def sealed(file: bytes, fixed: int, size: int, version: int) -> bytes:
    """The file with its fixed header written, checksum last."""
    head = struct.pack("<4sIIIII", b"IGVM", version, fixed, size, len(file), 0)
    if version == 2:
        head += struct.pack("<II", 0, PAGE)
    checksum = zlib.crc32(head + file[fixed:fixed + size])
    return head[:20] + struct.pack("<I", checksum) + head[24:] + file[fixed:]


def sha384(data: bytes) -> bytes:
    return hashlib.sha384(data).digest()


class SnpChain:
    """SNP_LAUNCH_UPDATE: the digest of PAGE_INFO, for every page."""

    def __init__(self) -> None:
        self.digest = bytes(48)

    def page(self, kind: int, gpa: int, content: bytes = bytes(48)) -> None:
        self.digest = sha384(self.digest + content + struct.pack("<HBBBBBBQ", 0x70, kind, 0, 0, 0, 0, 0, gpa))

    def normal(self, gpa: int, data: bytes) -> None:
        self.page(1, gpa, sha384(data.ljust(PAGE, b"\0")))

    def vmsa(self, gpa: int, data: bytes) -> None:
        self.page(2, gpa, sha384(data))

    def unmeasured(self, gpa: int) -> None:
        self.page(4, gpa)


class Mrtd:
    """TDH.MEM.PAGE.ADD and TDH.MR.EXTEND: one SHA-384 over all of them."""

    def __init__(self) -> None:
        self.hash = hashlib.sha384()

    def add(self, gpa: int) -> None:
        self.hash.update(b"MEM.PAGE.ADD".ljust(16, b"\0") + struct.pack("<Q", gpa) + bytes(104))

    def extend(self, gpa: int, data: bytes) -> None:
        data = data.ljust(PAGE, b"\0")
        for at in range(0, PAGE, 256):
            self.hash.update(b"MR.EXTEND".ljust(16, b"\0") + struct.pack("<Q", gpa + at) + bytes(104))
            self.hash.update(data[at:at + 256])

    def measured(self, gpa: int, data: bytes) -> None:
        self.add(gpa)
        self.extend(gpa, data)
