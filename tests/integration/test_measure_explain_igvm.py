# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure explain igvm: digests worked out with hashlib are found from files that were launched otherwise."""

import hashlib
import struct
from pathlib import Path

import pytest

from tests.integration import svsm_oracle
from tests.integration.amd_vectors import VECTORS
from tests.integration.explaining import Change, changes, explained, refused, run
from tests.support.igvm import KVM_VMSA_GPA, LARGE, PAGE, SHARED, SNP, TDX, IgvmFile, Mrtd, SnpChain

ELSEWHERE = 0x7FFFF000


def state(features: int = 1) -> bytes:
    """A page that a CPU may start from."""
    return svsm_oracle.state(0x1234, 0, features, 0x37F)


def content(seed: int) -> bytes:
    return bytes((seed * 31 + i * 7 + (i >> 8)) & 0xFF for i in range(PAGE))


def plain(seed: int = 1, mask: int = SNP) -> IgvmFile:
    """A page with data, one without, a CPU."""
    file = IgvmFile().policy()
    file.page(0x10000, content(seed), mask=mask).page(0x11000, mask=mask)
    return file.context(state())


def chain(*contexts: bytes, seed: int = 1, is_native: bool = False) -> SnpChain:
    """What the processor makes of `plain`, with these CPUs."""
    made = SnpChain()
    made.normal(0x10000, content(seed))
    if is_native:
        made.page(3, 0x11000)
    else:
        made.normal(0x11000, b"")
    for context in contexts:
        made.vmsa(KVM_VMSA_GPA, context)
    return made


@pytest.fixture
def explain(tmp_path: Path):
    """Writes a file, and says with what changes of its launch the digest is found."""

    def search(file: IgvmFile, expected: bytes | str | Path, *more: str | Path) -> list[Change]:
        path = tmp_path / "guest.igvm"
        path.write_bytes(file.bytes())
        answer = explained("igvm", expected.hex() if isinstance(expected, bytes) else expected, {}, path, *more)
        assert not answer["equal"]
        return changes(answer)

    return search


def test_the_request_itself(tmp_path: Path) -> None:
    (tmp_path / "guest.igvm").write_bytes(plain().bytes())
    answer = explained("igvm", chain(state()).digest.hex(), {}, tmp_path / "guest.igvm")
    assert answer["equal"] and answer["digest"] == chain(state()).digest.hex()


@pytest.mark.parametrize("count", [2, 8, 512])
def test_further_cpus(count: int, explain) -> None:
    """KVM measures every CPU, also those of which the file says nothing."""
    assert explain(plain(), chain(*[state()] * count).digest) == [{"vCPUs": ("1", str(count))}]


def test_further_cpus_in_the_state_of_a_reset(explain) -> None:
    reset = VECTORS / "vmsa_QEMU_bsp_sig800f12_feat1.bin"
    if not reset.is_file():
        pytest.skip(f"{reset} is missing")
    [change] = explain(plain(), chain(state(), reset.read_bytes(), reset.read_bytes()).digest)
    assert change["vCPUs"] == ("1", "3")
    assert change["CPUs without a VP context"] == ("like the last one", "in QEMU's reset state")


@pytest.mark.parametrize("features", [0x3, 0x29, 0x0, 0x201])
def test_features_of_the_guest(features: int, explain) -> None:
    assert explain(plain(), chain(state(features)).digest) == [{"SEV_FEATURES": ("0x1", hex(features))}]


def test_pages_of_zeros_that_are_added_as_such(explain) -> None:
    expected = chain(state(), is_native=True).digest
    assert explain(plain(), expected) == [{"pages without data": ("pages of zeros", "of type ZERO")}]
    both = chain(state(), state(), is_native=True).digest
    assert [set(change) for change in explain(plain(), both)] == [{"vCPUs", "pages without data"}]


def test_cpus_in_the_place_where_kvm_measures_them(explain) -> None:
    file = IgvmFile().policy().context(state(), gpa=ELSEWHERE).page(0x10000, content(1)).page(0x11000)
    name = "VP contexts"
    assert explain(file, chain(state()).digest) == [{name: ("as in the file", f"last, at {hex(KVM_VMSA_GPA)}")}]
    moved = SnpChain()
    moved.vmsa(KVM_VMSA_GPA, state())
    moved.normal(0x10000, content(1))
    moved.normal(0x11000, b"")
    assert explain(file, moved.digest) == [{name: ("as in the file", f"at {hex(KVM_VMSA_GPA)}")}]
    assert explain(file, chain().digest) == [{name: ("as in the file", "not measured")}]
    last = chain()
    last.vmsa(ELSEWHERE, state())
    assert explain(file, last.digest) == [{name: ("as in the file", "last")}]


def test_another_file_of_a_folder(explain, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "other.igvm").write_bytes(plain(seed=2).bytes())
    (folder / "tdx.igvm").write_bytes(IgvmFile(platforms=(TDX,)).page(0, content(1), mask=TDX).bytes())
    (folder / "notes").write_text("none of them")
    [change] = explain(plain(), chain(state(), seed=2).digest, "--firmware-dir", folder)
    assert list(change) == ["FILE"] and str(change["FILE"][1]).endswith("other.igvm")
    found = explain(plain(), chain(state(), state(), seed=2).digest, "--firmware-dir", folder)
    assert [set(change) for change in found] == [{"vCPUs", "FILE"}]


def test_another_tools_reading(explain) -> None:
    file = IgvmFile().policy().page(0x10000, content(1)).page(0x11000, content(2), flags=SHARED).context(state())
    peer = SnpChain()
    peer.normal(0x10000, content(1))
    peer.normal(0x11000, content(2))
    peer.vmsa(KVM_VMSA_GPA, state())
    assert explain(file, peer.digest) == [{"reading of the file": ("the specification's", "igvmmeasure's")}]
    first = SnpChain()
    first.normal(0x200000, b"")
    first.vmsa(KVM_VMSA_GPA, state())
    large = IgvmFile().policy().page(0x200000, flags=LARGE).context(state())
    assert {"reading of the file": ("the specification's", "microsoft/igvm's")} in explain(large, first.digest)


def test_id_block_of_another_launch(explain) -> None:
    assert explain(plain().id_block(b"\xab" * 48), b"\xab" * 48) == [
        {"launch digest": ("of the pages", "of the file's ID block")}]


def both_platforms() -> tuple[IgvmFile, SnpChain, Mrtd]:
    file = IgvmFile(platforms=(SNP, TDX)).policy().policy(1, TDX)
    file.page(0x10000, content(1), mask=SNP | TDX).page(0x11000, content(2), mask=SNP | TDX).context(state())
    snp, tdx = SnpChain(), Mrtd()
    for gpa, seed in ((0x10000, 1), (0x11000, 2)):
        snp.normal(gpa, content(seed))
        tdx.measured(gpa, content(seed))
    snp.vmsa(KVM_VMSA_GPA, state())
    return file, snp, tdx


def test_the_other_platform(explain) -> None:
    file, snp, tdx = both_platforms()
    assert explain(file, tdx.hash.digest(), "--platform", "snp") == [{"--platform": ("snp", "tdx")}]
    assert explain(file, snp.digest, "--platform", "tdx") == [{"--platform": ("tdx", "snp")}]


def test_page_orders_of_tdx(explain) -> None:
    passes = Mrtd()
    for gpa in (0x10000, 0x11000):
        passes.add(gpa)
    for gpa, seed in ((0x10000, 1), (0x11000, 2)):
        passes.extend(gpa, content(seed))
    found = explain(both_platforms()[0], passes.hash.digest(), "--platform", "tdx")
    assert found == [{"page order": ("single pass", "two passes")}]


def test_evidence_has_the_digest(explain, tmp_path: Path) -> None:
    report = bytearray.fromhex((VECTORS / "report_milan_v2.hex").read_text())
    report[0x90:0xC0] = chain(state(), state()).digest
    (tmp_path / "report.bin").write_bytes(report)
    assert explain(plain(), tmp_path / "report.bin") == [{"vCPUs": ("1", "2")}]
    file = both_platforms()[0]
    (tmp_path / "both.igvm").write_bytes(file.bytes())
    line = refused("igvm", tmp_path / "both.igvm", "--platform", "tdx", "--expected", tmp_path / "report.bin")
    assert "platform tdx" in line


def test_answer_for_people(tmp_path: Path) -> None:
    path = tmp_path / "guest.igvm"
    path.write_bytes(plain().bytes())
    done = run("explain", "igvm", path, "--expected", chain(state(), state()).digest.hex())
    assert (done.returncode, done.stdout) == (1, "launch digest is that of vCPUs 2 instead of 1\n")
    done = run("explain", "igvm", path, "--expected", hashlib.sha384(b"").hexdigest())
    assert done.returncode == 1 and "is not explained by any of" in done.stdout and "SEV_FEATURES" in done.stdout


def test_bad_input_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "guest.igvm"
    path.write_bytes(plain().bytes())
    assert "--expected" in refused("igvm", path)
    assert "expected the 96" in refused("igvm", path, "--expected", "00" * 32)
    assert "no platform TDX" in refused("igvm", path, "--platform", "tdx", "--expected", "00" * 48)
    path.write_bytes(struct.pack("<4sI", b"IGVM", 1))
    assert str(path) in refused("igvm", path, "--expected", "00" * 48)
