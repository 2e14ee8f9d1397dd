# SPDX-License-Identifier: Apache-2.0
"""hallmark-measure explain: what sev-snp-measure and real logs have is found from requests that differ from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration import amd_vectors, explaining
from tests.integration.amd_vectors import VECTORS, inputs  # noqa: F401 - inputs is a fixture
from tests.integration.explaining import Option, changes, explained, flags, refused, run

MEASUREMENT = slice(0x90, 0xC0)  # of a report


def digest(mode: str, options: Option) -> str:
    done = run(mode, *flags(options))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def vector_rows() -> list[list[str]]:
    return [row for row in amd_vectors.vector_rows() if row[-1] != "ERROR"]


def name_of(row: object) -> str | None:
    if not isinstance(row, list):
        return None
    return "-".join(row[:6]) + ("-k" if row[6] != "-" else "") + ("i" if row[7] != "-" else "")


def options_of(row: list[str], inputs: Path) -> Option:
    mode, firmware, vcpus, cpu, features, vmm, kernel, initrd, append, _ = row
    options: Option = {"--ovmf": str(inputs / firmware)}
    if mode != "sev":
        options |= {"--vcpus": vcpus, "--vcpu-type": cpu, "--vmm-type": "gce-milan" if vmm == "gce" else vmm}
    if mode == "snp":
        options["--guest-features"] = features
    if kernel != "-":
        options["--kernel"] = str(inputs / kernel)
    if initrd != "-":
        options["--initrd"] = str(inputs / initrd)
    if json.loads(append) is not None:
        options["--append"] = json.loads(append)
    return options


@pytest.mark.parametrize("row", vector_rows(), ids=name_of)
def test_what_another_tool_printed_is_the_request(row: list[str], inputs: Path) -> None:
    answer = explained(row[0], row[-1], options_of(row, inputs))
    assert answer["equal"] and answer["digest"] == row[-1] and answer["explanations"] == []


def mistakes(mode: str, options: Option) -> list[Option]:
    """Requests that differ from the true one in one option."""
    wrong: list[Option] = []
    if mode != "sev":
        wrong.append(options | {"--vcpus": str(int(options["--vcpus"] or 0) + 7)})
        # These hypervisors hide the model.
        if options["--vmm-type"] == "QEMU":
            wrong.append(options | {"--vcpu-type": "EPYC-Rome" if "Rome" not in str(options["--vcpu-type"]) else "EPYC"})
        wrong.append(options | {"--vmm-type": "gce-genoa"})
    if mode == "snp":
        wrong.append(options | {"--guest-features": "0x29"})
    if line := options.get("--append"):
        wrong += [options | {"--append": text} for text in (line + "\n", f'"{line}"', "initrd=initrd " + line)]
    return wrong


@pytest.mark.parametrize("row", vector_rows(), ids=name_of)
def test_one_mistake_is_named(row: list[str], inputs: Path) -> None:
    mode, true = row[0], options_of(row, inputs)
    for wrong in mistakes(mode, true):
        answer = explained(mode, row[-1], wrong)
        [option] = [name for name in true if true[name] != wrong[name]]
        found = [one[option] for one in changes(answer) if set(one) == {option}]
        assert len(found) == 1, (wrong, answer["explanations"])
        given, seen = found[0]
        # A model stands for all of its signature.
        same = seen == true[option] or option in ("--vcpu-type", "--guest-features")
        assert given == wrong[option] and same, found
        if same and option == "--vcpu-type":
            assert digest(mode, wrong | {option: seen}) == row[-1]
        if option == "--guest-features":
            assert int(str(seen), 0) == int(str(true[option]), 0)


def base(inputs: Path) -> Option:
    return {"--ovmf": str(inputs / "amdsev-64k.fd"), "--vcpus": "2", "--vcpu-type": "EPYC-v4", "--kernel":
            str(inputs / "synthetic-kernel"), "--initrd": str(inputs / "synthetic-initrd"), "--append": 'a="b c" quiet'}


# For every dimension: what the ordinary command prints with that flag must be explained as that flag.
PROPERTIES: list[tuple[str, Option]] = [
    *[("snp", {"--vcpus": count}) for count in ("1", "3", "255", "512")],
    *[("snp", {"--vcpu-type": name}) for name in ("EPYC-Rome-v2", "EPYC-Milan", "EPYC-Genoa-v3", "EPYC-Turin")],
    *[("snp", {"--vcpu-sig": signature}) for signature in ("0xa00f12", "0xb10f10", "0x870f10")],
    *[("snp", {"--guest-features": bits}) for bits in ("0x21", "0x9", "0x201", "0x29", "0x8001", "0x0")],
    *[("snp", {"--vmm-type": name}) for name in ("ec2", "ec2-before-2026-04", "gce-milan", "gce-genoa")],
    ("snp", {"--vmsa": "mxcsr=0 --vmsa x87_fcw=0"}),
    ("snp", {"--kernel": None}), ("snp", {"--initrd": None}),
    *[("snp", {"--append": line}) for line in ('a="b c" quiet\n', "a=b c quiet", ' a="b c" quiet', 'a="b c" quiet ', "",
                                               'initrd=initrd a="b c" quiet', 'a="b c" quiet initrd=initrd',
                                               "'a=\"b c\" quiet'", 'a=\\"b c\\" quiet', "a=b c quiet\n")],
    ("snp", {"--ovmf": "amdsev-hashes-first-256k.fd"}),
    *[("seves", {"--vcpus": count}) for count in ("1", "300")],
    ("seves", {"--vcpu-type": "EPYC-Milan"}), ("seves", {"--vcpu-sig": "0xa00f12"}),
    *[("seves", {"--vmm-type": name}) for name in ("QEMU-legacy-es", "ec2", "gce-milan")],
    ("seves", {"--initrd": None}), ("seves", {"--ovmf": "amdsev-hashes-first-256k.fd"}),
    ("sev", {"--kernel": None}), ("sev", {"--append": "a=b c quiet\n"}), ("sev", {"--ovmf": "amdsev-hashes-first-256k.fd"}),
]


def changed(options: Option, change: Option, inputs: Path) -> Option:
    result = options | {name: str(inputs / value) if name == "--ovmf" and value else value for name, value in change.items()}
    if result["--kernel"] is None:
        result |= {"--initrd": None, "--append": None}
    return result


def split_flags(options: Option) -> list[str]:
    """The flags, of which --vmsa may stand for two."""
    return [word for name, value in options.items() if value is not None
            for word in ([name, *value.split(" ")] if name == "--vmsa" else [name, value])]


def mode_options(mode: str, options: Option) -> Option:
    if mode != "sev":
        return options
    return {name: value for name, value in options.items() if name not in ("--vcpus", "--vcpu-type")}


@pytest.mark.parametrize(("mode", "change"), PROPERTIES, ids=str)
def test_every_dimension_is_explained_as_itself(mode: str, change: Option, inputs: Path) -> None:
    given = mode_options(mode, base(inputs))
    true = changed(given, change, inputs)
    seen = run(mode, *split_flags(true)).stdout.strip()
    answer = explained(mode, seen, given, "--firmware-dir", inputs)
    assert not answer["equal"]
    [option] = change
    texts = [one[option][1] for one in changes(answer) if set(one) == {option}]
    assert len(texts) == 1, answer["explanations"]
    again = changed(given, {option: texts[0]}, inputs)
    assert run(mode, *split_flags(again)).stdout.strip() == seen
    # Nothing else gives it, but for states that are the same by definition.
    others = [one for one in changes(answer) if set(one) != {option}]
    assert all(set(one) <= {"--vmsa", "--vmm-type", "--initrd"} for one in others), others


@pytest.mark.parametrize(("first", "second"), [
    ({"--vcpus": "64"}, {"--vcpu-type": "EPYC-Genoa"}), ({"--vcpus": "8"}, {"--append": 'a="b c" quiet\n'}),
    ({"--guest-features": "0x21"}, {"--vcpu-type": "EPYC-Milan"}), ({"--initrd": None}, {"--append": "a=b c quiet"}),
    ({"--ovmf": "amdsev-hashes-first-256k.fd"}, {"--vcpus": "16"}), ({"--vmm-type": "ec2"}, {"--kernel": None}),
], ids=str)
def test_pairs_are_explained_as_themselves(first: Option, second: Option, inputs: Path) -> None:
    given = base(inputs)
    answer = explained("snp", digest("snp", changed(given, first | second, inputs)), given, "--firmware-dir", inputs)
    assert [set(one) for one in changes(answer)] == [set(first) | set(second)]


@pytest.mark.parametrize(("words", "key"), [
    ("by address", lambda section: int(section["gpa"], 0)), ("by type", lambda section: int(section["type"], 0)),
    ("CPUID last", lambda section: section["type"] == "0x3"),
], ids=["by address", "by type", "CPUID last"])
def test_section_orders_are_explained(words: str, key: Any, inputs: Path, tmp_path: Path) -> None:
    seed = json.loads(run("firmware-seed", "--ovmf", inputs / "amdsev-64k.fd").stdout)
    seed["sections"].sort(key=key)
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    given = base(inputs)
    seen = digest("snp", {name: value for name, value in given.items() if name != "--ovmf"}
                  | {"--seed": str(tmp_path / "seed.json")})
    assert changes(explained("snp", seen, given)) == [{"metadata sections": ("in the firmware's order", words)}]


def test_answer_for_people(inputs: Path) -> None:
    given = base(inputs)
    seen = digest("snp", given | {"--vcpus": "4"})
    done = run("explain", "snp", *flags(given), "--expected", seen)
    assert (done.returncode, done.stdout) == (1, "launch digest is that of --vcpus 4 instead of 2\n")
    done = run("explain", "snp", *flags(given | {"--vcpus": "4"}), "--expected", seen)
    assert (done.returncode, done.stdout) == (0, "launch digest is that of the request\n")
    done = run("explain", "snp", *flags(given), "--expected", "00" * 48)
    assert done.returncode == 1 and "launch digest is not explained by any of " in done.stdout
    assert "--vcpus  " in done.stdout and "511 others" in done.stdout and "--firmware-dir" in done.stdout


def test_report_has_the_digest(inputs: Path, tmp_path: Path) -> None:
    """A real report with another measurement, as no signature is looked at here."""
    real = bytes.fromhex((VECTORS / "report_milan_v2.hex").read_text())
    answer = explained("snp", VECTORS / "report_milan_v2.hex", base(inputs))
    assert answer["expected"] == real[MEASUREMENT].hex() and answer["explanations"] == []
    given = base(inputs)
    report = bytearray(real)
    report[MEASUREMENT] = bytes.fromhex(digest("snp", given | {"--vcpus": "8"}))
    (tmp_path / "report.bin").write_bytes(report)
    assert changes(explained("snp", tmp_path / "report.bin", given)) == [{"--vcpus": ("2", "8")}]


def test_bad_input_is_refused(inputs: Path, tmp_path: Path) -> None:
    given = flags(base(inputs))
    assert "--expected" in refused("snp", *given)
    assert "expected the 96" in refused("snp", *given, "--expected", "00" * 32)
    assert "neither the 64 or 96 digits" in refused("snp", *given, "--expected", "00" * 31)
    assert "neither the 64 or 96 digits" in refused("snp", *given, "--expected", tmp_path / "none")
    assert "expected an SEV-SNP report" in refused("snp", *given, "--expected", inputs / "amdsev-64k.fd")
    assert "--vcpus is required" in refused("snp", "--ovmf", inputs / "amdsev-64k.fd", "--expected", "00" * 48,
                                            "--vcpu-type", "EPYC")
    assert "no section for kernel hashes" in refused("snp", *flags(base(inputs) | {"--ovmf": str(inputs / "ovmfx64-64k.fd")}),
                                                     "--expected", "00" * 48)
    assert "--firmware-dir" in refused("snp", *given, "--expected", "00" * 48, "--firmware-dir", tmp_path / "none")
    assert "svsm" in refused("snp", *given, "--expected", "00" * 48, "--svsm", inputs / "amdsev-64k.fd")
    assert refused("--expected", "00" * 48)
