# SPDX-License-Identifier: Apache-2.0
"""kernel-config/check.py: each way in which a fragment can fail to take must fail by name."""

import json
import subprocess
import sys

import pytest

from tests.support.modules import TOP, load

FOLDER = TOP / "kernel-config"
check = load("kernel-config/check.py")

FRAGMENT = """\
# SPDX-License-Identifier: Apache-2.0
# A remark that is no assertion.

CONFIG_SMP=y
CONFIG_NR_CPUS=240
CONFIG_PHYSICAL_START=0x1000000
CONFIG_LOCALVERSION="-hallmark"
# CONFIG_MODULES is not set
"""
FINAL = """\
#
# Automatically generated file; DO NOT EDIT.
#
CONFIG_SMP=y
CONFIG_NR_CPUS=240
CONFIG_PHYSICAL_START=0x1000000
CONFIG_LOCALVERSION="-hallmark"
# CONFIG_MODULES is not set
CONFIG_EMPTY=""
CONFIG_NEGATIVE=-1
"""
KNOWN = {"SMP", "NR_CPUS", "PHYSICAL_START", "LOCALVERSION", "MODULES"}


def _failures(final=FINAL, fragment=FRAGMENT, known=None):
    return check.failures(check.merge({"base.config": fragment}), check.parse_final(".config", final), known)


def test_all_lines_taken():
    assert len(check.merge({"base.config": FRAGMENT})) == 5
    assert _failures(known=KNOWN) == []


@pytest.mark.parametrize("line, place", [
    ("CONFIG_SMP=y", "base.config:4"),
    ("CONFIG_NR_CPUS=240", "base.config:5"),
    ("CONFIG_PHYSICAL_START=0x1000000", "base.config:6"),
    ('CONFIG_LOCALVERSION="-hallmark"', "base.config:7"),
])
def test_each_dropped_line_is_named(line, place):
    found = _failures(FINAL.replace(line + "\n", ""), known=KNOWN)
    assert len(found) == 1
    assert found[0].startswith(f"{place}: dropped: '{line}'")


def test_what_cannot_be_set_is_not_set():
    without = FINAL.replace("# CONFIG_MODULES is not set\n", "")
    assert _failures(without, known=KNOWN) == []
    assert len(_failures(without, known=KNOWN - {"MODULES"})) == 1


def test_unknown_symbol_is_told_from_a_dropped_one():
    found = _failures(fragment="CONFIG_SMPP=y\n", known=KNOWN)
    assert len(found) == 1
    assert found[0].startswith("base.config:1: unknown: ") and "CONFIG_SMPP" in found[0]


def test_unknown_symbol_that_is_off_fails_too():
    found = _failures(fragment="# CONFIG_MODULE is not set\n", known=KNOWN)
    assert len(found) == 1
    assert found[0].startswith("base.config:1: unknown: ") and "CONFIG_MODULE:" in found[0]


def test_symbol_that_is_the_beginning_of_another_is_not_hidden_by_it():
    found = _failures(fragment="CONFIG_VFIO_MDEV=y\n", final="CONFIG_VFIO_MDEV_DEVICE=y\n")
    assert len(found) == 1
    assert "dropped: 'CONFIG_VFIO_MDEV=y'" in found[0]


def test_forced_on():
    found = _failures(FINAL.replace("# CONFIG_MODULES is not set", "CONFIG_MODULES=y"))
    assert len(found) == 1
    assert found[0].startswith("base.config:8: forced: '# CONFIG_MODULES is not set' became 'CONFIG_MODULES=y'")


@pytest.mark.parametrize("wanted, got", [
    ("CONFIG_NR_CPUS=240", "CONFIG_NR_CPUS=64"),
    ('CONFIG_LOCALVERSION="-hallmark"', 'CONFIG_LOCALVERSION=""'),
    ("CONFIG_SMP=y", "# CONFIG_SMP is not set"),
])
def test_changed_value(wanted, got):
    found = _failures(FINAL.replace(wanted, got))
    assert len(found) == 1
    assert f"changed: '{wanted}' became '{got}'" in found[0]


def test_module_in_the_result_fails():
    assert _failures(FINAL + "CONFIG_EXT4_FS=m\n") == [
        "final configuration: found CONFIG_EXT4_FS=m, expected no modules"]


def test_y_that_became_a_module_fails():
    assert len(_failures(FINAL.replace("CONFIG_SMP=y", "CONFIG_SMP=m"))) == 2


@pytest.mark.parametrize("line", [
    "CONFIG_SMP",
    "CONFIG_SMP=",
    "CONFIG_SMP=n",
    "CONFIG_SMP=m",
    "CONFIG_SMP=yes",
    " CONFIG_SMP=y",
    "CONFIG_SMP=y # why",
    "CONFIG SMP=y",
    "SMP=y",
    "CONFIG_NAME=\"open",
    "# CONFIG_SMP=y",
    "#CONFIG_SMP is not set",
    "# CONFIG_SMP is not set # why",
    "# CONFIG_SMP is not Set",
])
def test_unknown_syntax_fails_with_its_place(line):
    with pytest.raises(check.BadFragment) as raised:
        check.merge({"base.config": "\n" + line + "\n"})
    assert str(raised.value).startswith("base.config:2: ")


def test_symbol_with_two_values_fails_with_both_places():
    with pytest.raises(check.BadFragment) as raised:
        check.merge({"a.config": "CONFIG_SMP=y\n", "b.config": "\n# CONFIG_SMP is not set\n"})
    assert str(raised.value).startswith("b.config:2: ") and "a.config:1" in str(raised.value)


def test_symbol_twice_with_one_value_is_agreement():
    assert len(check.merge({"a.config": "CONFIG_SMP=y\n", "b.config": "CONFIG_SMP=y\n"})) == 2


@pytest.mark.parametrize("fragments", [{}, {"a.config": ""}, {"a.config": "# only a remark\n"}])
def test_no_assertion_is_an_error(fragments):
    with pytest.raises(check.BadFragment, match="no assertion"):
        check.merge(fragments)


def test_a_whole_kernel_has_a_hundred_assertions():
    lines = [f"CONFIG_OPTION_{number}=y\n" for number in range(check.LEAST)]
    assert len(check.all_of({"a.config": "".join(lines)})) == 100
    with pytest.raises(check.BadFragment, match="found 99 assertions in 1 fragments, expected at least 100"):
        check.all_of({"a.config": "".join(lines[1:])})


def test_known_symbols_reads_every_form_of_declaration(tmp_path):
    (tmp_path / "drivers").mkdir()
    (tmp_path / "Kconfig").write_text("config SMP\n\tbool\nsource \"drivers/Kconfig\"\n")
    (tmp_path / "drivers" / "Kconfig.net").write_text("menuconfig NET\n\tbool \"config TEXT\"\n  config VLAN\n")
    assert check.known_symbols(tmp_path) == {"SMP", "NET", "VLAN"}


def _run(tmp_path, final, fragment, *options):
    (tmp_path / "final").write_text(final)
    (tmp_path / "base.config").write_text(fragment)
    return subprocess.run([sys.executable, FOLDER / "check.py", "--config", tmp_path / "final", *options,
                           tmp_path / "base.config"], capture_output=True, text=True, check=False)


def test_exit_status_says_yes_no_or_bad_request(tmp_path):
    assert _run(tmp_path, FINAL, FRAGMENT).returncode == 0
    refused = _run(tmp_path, "", FRAGMENT)
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 4
    wrong = _run(tmp_path, FINAL, "CONFIG_SMP=n\n")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("kernel-config: base.config:1: ")


def test_json_answer(tmp_path):
    answer = json.loads(_run(tmp_path, FINAL, FRAGMENT, "--json").stdout)
    assert answer == {"holds": True, "assertions": 5, "failures": []}


def test_the_fragments_themselves_are_readable():
    fragments = check.read_fragments(sorted((FOLDER / "fragments").glob("*.config")))
    assert {a.symbol for a in check.all_of(fragments)} >= {
        "AMD_MEM_ENCRYPT", "INTEL_TDX_GUEST", "TSM_REPORTS", "TSM_MEASUREMENTS", "DM_VERITY", "DM_INIT", "EROFS_FS"}
