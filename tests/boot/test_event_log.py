# SPDX-License-Identifier: Apache-2.0
"""Real firmware decides: what hallmark-measure predicts of a boot is what OVMF, stub and kernel measure in it.

The event log is read from outside of the machine. It is believed as far as it replays to what swtpm was told to extend.
"""

import json
import time
from pathlib import Path

import pytest

from tests.boot import event_log, predicted
from tests.boot.firmware_machine import BUILD, GUEST, Machine
from tests.boot.tpm import SWTPM, Tpm

pytestmark = [
    pytest.mark.skipif(not (GUEST / "guest-uki.img").is_file(), reason=f"no guest-uki.img in {GUEST}"),
    pytest.mark.skipif(SWTPM is None, reason="swtpm is not installed"),
    pytest.mark.skipif(not predicted.PROGRAM.is_file(), reason=f"no {predicted.PROGRAM}"),
]

EXTRA = "hallmark.extra=1 loglevel=5"
PEER = BUILD / "tests" / "bench" / "race"  # Debian's kernel for clouds, signed, and an initrd for it


def command_line() -> str:
    lines = json.loads((GUEST / "manifest.json").read_text())["command_lines"]
    return next(line["text"] for line in lines if line["name"] == "hallmark")


def boot(folder: Path, system: Path | None, *more: str) -> predicted.Log:
    """Boots until the kernel runs; the log, once it is shown to be what the TPM has."""
    with Tpm(folder) as tpm, Machine(folder, system, *tpm.arguments, *more) as machine:
        found = None
        while found is None:
            assert time.monotonic() < machine.deadline and machine.process.poll() is None, machine.console()
            time.sleep(0.2)
            found = event_log.find(folder / "ram")
        file = folder / "log"
        file.write_bytes(found)
        log = predicted.read_log(file)
        for bank, algorithm in predicted.BANKS.items():
            extended = tpm.extended(algorithm)
            assert {pcr: [one[bank] for one in events] for pcr, events in log.events.items()} == extended
            assert log.registers[bank] == event_log.registers(extended, algorithm)
        return log


def check(prediction: predicted.Prediction, log: predicted.Log) -> None:
    """Every event that is predicted is logged, in its order, and nothing else where all are predicted."""
    complete = {int(pcr) for pcr in prediction.registers["sha384"]}
    assert {4, 5, 7} <= complete
    for pcr in set(log.events) | set(prediction.events):
        logged, expected = log.events.get(pcr, []), prediction.events.get(pcr, [])
        if pcr in complete:
            assert logged == expected, f"PCR {pcr}"
            continue
        rest = iter(logged)
        assert all(one in rest for one in expected), f"PCR {pcr}"
    for bank, registers in prediction.registers.items():
        for pcr, value in registers.items():
            assert log.registers[bank].get(pcr, "0" * len(value)) == value, f"PCR {pcr}"


def test_the_uki(tmp_path: Path) -> None:
    prediction = predicted.predict("--uki", GUEST / "guest.efi")
    assert {"4", "9", "11", "12", "13"} <= set(prediction.registers["sha256"])
    check(prediction, boot(tmp_path, GUEST / "guest-uki.img"))


def test_the_uki_with_an_addition_by_smbios(tmp_path: Path) -> None:
    prediction = predicted.predict("--uki", GUEST / "guest.efi", "--smbios-extra", EXTRA)
    assert len(prediction.events[12]) == 1
    check(prediction, boot(tmp_path, GUEST / "guest-uki.img", "-smbios",
                           f"type=11,value=io.systemd.stub.kernel-cmdline-extra={EXTRA}"))


def test_the_kernel_without_an_initrd(tmp_path: Path) -> None:
    prediction = predicted.predict("--kernel", GUEST / "vmlinuz", "--append", command_line())
    check(prediction, boot(tmp_path, None, "-kernel", str(GUEST / "vmlinuz"), "-append", command_line()))


def test_a_kernel_that_takes_no_initrd_is_given_one(tmp_path: Path) -> None:
    """It shows on the command line only."""
    initrd = tmp_path / "initrd"
    initrd.write_bytes(b"no initrd at all" * 64)
    prediction = predicted.predict("--kernel", GUEST / "vmlinuz", "--initrd", initrd, "--append", command_line())
    check(prediction, boot(tmp_path, None, "-kernel", str(GUEST / "vmlinuz"), "-initrd", str(initrd), "-append",
                           command_line()))


@pytest.mark.skipif(not (PEER / "initrd").is_file(), reason=f"no kernel with an initrd in {PEER}")
def test_a_signed_kernel_with_an_initrd(tmp_path: Path) -> None:
    prediction = predicted.predict("--kernel", PEER / "vmlinuz", "--initrd", PEER / "initrd", "--append", "panic=1")
    assert len(prediction.events[9]) == 2
    check(prediction, boot(tmp_path, None, "-kernel", str(PEER / "vmlinuz"), "-initrd", str(PEER / "initrd"),
                           "-append", "panic=1"))


def test_another_command_line_is_not_what_was_predicted(tmp_path: Path) -> None:
    """Or the tests above would prove nothing."""
    prediction = predicted.predict("--kernel", GUEST / "vmlinuz", "--append", command_line() + " more")
    log = boot(tmp_path, None, "-kernel", str(GUEST / "vmlinuz"), "-append", command_line())
    with pytest.raises(AssertionError, match="PCR 9"):
        check(prediction, log)


def test_a_log_is_explained_from_a_request_with_a_slip(tmp_path: Path) -> None:
    boot(tmp_path, None, "-kernel", str(GUEST / "vmlinuz"), "-append", command_line())
    kernel = ("--kernel", GUEST / "vmlinuz", "--append")
    right = predicted.explain(tmp_path / "log", *kernel, command_line())
    assert right["equal"] and {"pcr4", "pcr5", "pcr7", "pcr9"} <= set(right["registers"])
    answer = predicted.explain(tmp_path / "log", *kernel, command_line() + "\n")
    assert (answer["equal"], answer["first"]) == (False, "pcr9")
    stub = answer["registers"]["pcr9"]
    assert stub["difference"]["text"].endswith("LOADED_IMAGE::LoadOptions")
    changes = [change for explanation in stub["explanations"] for change in explanation["changes"]]
    assert [(one["option"], one["seen"]) for one in changes] == [("--append", command_line())]
    assert all(part["equal"] for name, part in answer["registers"].items() if name != "pcr9")


def test_a_log_of_a_uki_is_explained(tmp_path: Path) -> None:
    boot(tmp_path, GUEST / "guest-uki.img")
    assert predicted.explain(tmp_path / "log", "--uki", GUEST / "guest.efi")["equal"]
    answer = predicted.explain(tmp_path / "log", "--uki", GUEST / "guest.efi", "--phases", "enter-initrd")
    assert [name for name, part in answer["registers"].items() if not part["equal"]] == ["pcr11"]
    assert answer["registers"]["pcr11"]["difference"]["kind"] == "missing"
    assert answer["registers"]["pcr11"]["explanations"][0]["changes"][0]["seen"] is None
