# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure explain snp --svsm: digests of the second implementation are found from requests that differ."""

from pathlib import Path

import pytest

from tests.integration import svsm_oracle
from tests.integration.amd_vectors import inputs  # noqa: F401 - inputs is a fixture
from tests.integration.explaining import Option, changes, explained, refused, run

VARIABLES = 0x84000
NAPLES, MILAN = 0x800F12, 0xA00F11
OTHER_SVSM = svsm_oracle.make(launch_offset=0x100, size=0xA000)


@pytest.fixture
def images(inputs: Path, tmp_path: Path) -> Path:
    """A folder with two of each, and a file that is neither."""
    (tmp_path / "svsm.bin").write_bytes(svsm_oracle.make().image)
    (tmp_path / "other-svsm.bin").write_bytes(OTHER_SVSM.image)
    for name in ("amdsev-64k.fd", "amdsev-hashes-first-256k.fd"):
        (tmp_path / name).write_bytes((inputs / name).read_bytes())
    (tmp_path / "notes").write_text("none of them")
    return tmp_path


def request(images: Path) -> Option:
    return {"--ovmf": str(images / "amdsev-64k.fd"), "--svsm": str(images / "svsm.bin"), "--vcpus": "2",
            "--vcpu-type": "EPYC-v4", "--vars-size": str(VARIABLES)}


def digest(images: Path, firmware: str = "amdsev-64k.fd", svsm: svsm_oracle.Svsm | None = None,
           variables: int = VARIABLES, vcpus: int = 2, signature: int = NAPLES, features: int = 1,
           fcw: int = 0x37F) -> str:  # fmt: skip
    return svsm_oracle.digest((images / firmware).read_bytes(), svsm or svsm_oracle.make(), variables, vcpus, signature,
                              features, fcw)


def test_the_request_itself(images: Path) -> None:
    answer = explained("snp", digest(images), request(images))
    assert answer["equal"] and answer["digest"] == digest(images)


@pytest.mark.parametrize(("true", "option", "seen"), [
    ({"vcpus": 1}, "--vcpus", "1"), ({"vcpus": 512}, "--vcpus", "512"),
    ({"signature": MILAN}, "--vcpu-type", "EPYC-Milan"), ({"signature": 0xA00F12}, "--vcpu-sig", "0xa00f12"),
    ({"features": 0x29}, "--guest-features", "0x29"), ({"fcw": 0}, "--vmsa", "x87_fcw=0"),
    ({"variables": 0x20000}, "--vars-size", "131072"), ({"variables": 0}, "--vars-size", "0"),
    ({"variables": 0x15000}, "--vars-size", str(0x15000)),
    ({"firmware": "amdsev-hashes-first-256k.fd"}, "--ovmf", "amdsev-hashes-first-256k.fd"),
    ({"svsm": OTHER_SVSM}, "--svsm", "other-svsm.bin"),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_one_mistake_is_named(true: dict, option: str, seen: str, images: Path) -> None:
    answer = explained("snp", digest(images, **true), request(images), "--firmware-dir", images)
    [change] = changes(answer)
    assert list(change) == [option] and Path(str(change[option][1])).name == seen, change


@pytest.mark.parametrize(("true", "options"), [
    ({"vcpus": 4, "variables": 0x20000}, {"--vcpus", "--vars-size"}),
    ({"vcpus": 8, "signature": MILAN}, {"--vcpus", "--vcpu-type"}),
    ({"features": 9, "fcw": 0}, {"--guest-features", "--vmsa"}),
    ({"firmware": "amdsev-hashes-first-256k.fd", "variables": 0x20000}, {"--ovmf", "--vars-size"}),
], ids=["count and variables", "count and model", "features and state", "firmware and variables"])  # fmt: skip
def test_two_mistakes_are_named(true: dict, options: set[str], images: Path) -> None:
    answer = explained("snp", digest(images, **true), request(images), "--firmware-dir", images)
    assert [set(change) for change in changes(answer)] == [options]


def test_firmware_that_was_started_alone(images: Path) -> None:
    given = request(images)
    alone = run("snp", "--ovmf", given["--ovmf"] or "", "--vcpus", "2", "--vcpu-type", "EPYC-v4").stdout.strip()
    answer = explained("snp", alone, given)
    assert changes(answer) == [{"--svsm": (given["--svsm"], None)}]
    lines = run("explain", "snp", "--expected", alone, *[word for item in given.items() for word in item if word]).stdout
    assert lines == "launch digest is that of no --svsm (the firmware alone)\n"


@pytest.mark.parametrize(("order", "words"), [
    ([svsm_oracle.SECRETS, svsm_oracle.MEMORY, svsm_oracle.CPUID], "CPUID last"),
    ([svsm_oracle.MEMORY, svsm_oracle.SECRETS, svsm_oracle.CPUID], "by address"),
], ids=["CPUID last", "by address"])  # fmt: skip
def test_sections_in_another_order(order: list, words: str, images: Path) -> None:
    written = svsm_oracle.make(sections=[svsm_oracle.CPUID, svsm_oracle.SECRETS, svsm_oracle.MEMORY])
    (images / "svsm.bin").write_bytes(written.image)
    true = svsm_oracle.Svsm(written.image, written.launch_offset, order)
    found = changes(explained("snp", digest(images, svsm=true), request(images)))
    assert {"metadata sections": ("in the firmware's order", words)} in found
    assert all(list(change) == ["metadata sections"] for change in found)


def test_size_of_the_variables_from_their_file(images: Path) -> None:
    (images / "vars.fd").write_bytes(bytes(0x20000))
    given = {**request(images), "--vars-size": None, "--vars-file": str(images / "vars.fd")}
    assert changes(explained("snp", digest(images), given)) == [{"--vars-size": (str(0x20000), str(VARIABLES))}]


def test_bad_input_is_refused(images: Path) -> None:
    given = [word for item in request(images).items() for word in item if word]
    expected = ["--expected", "00" * 48]
    assert "only QEMU" in refused("snp", *given, *expected, "--vmm-type", "ec2")
    assert "--svsm" in refused("snp", *given, *expected, "--kernel", images / "notes")
    wrong = {**request(images), "--svsm": str(images / "amdsev-64k.fd")}
    assert "no SVSM information" in refused("snp", *[word for item in wrong.items() for word in item if word], *expected)
    without = [word for name, value in request(images).items() if name != "--svsm" for word in (name, value or "")]
    assert "--vars-size or --vars-file without --svsm" in refused("snp", *without, *expected)
    assert run("snp", *without).returncode == 2
