# SPDX-License-Identifier: Apache-2.0
"""Boots whose guest asks a hallmark-kbs for a secret, as its init-data says: the image just built gets it, and no other.

Whatever hallmark-boot itself finds wrong with a boot, the guest asks nevertheless, so that each refusal here is the
broker's own. Its reasons for the owner are in its audit log; the guest is only told that it may not. The secret stays in
the guest: what it tells is whether it was given one.
"""

import hashlib
import json
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.boot.key_broker import RESOURCE, Owner, make_root
from tests.boot.simulated import GUEST, PROGRAM, Boot, boot, needs_guest
from tests.boot.test_simulated_tdx import MEMORY, command_line, predicted
from tests.boot.test_simulated_tdx import boot as boot_tdx
from tests.boot.tpm import SWTPM

pytestmark = needs_guest

URI = f"kbs:///{RESOURCE}"

# The default asks for an up-to-date TCB besides, which no collateral vouches for on a simulated platform.
TDX_POLICY = """
version = 1
name = "simulated TDX"

[values.image]
names = ["mr_td", "rtmr_1", "rtmr_2", "tdvfkernel", "tdvfkernelparams"]
load = "a message to /kbs/v0/reference-value"

[tdx.executables]
otherwise = 33
[[tdx.executables.grade]]
value = 3
require = [
    { claim = "rtmr_1", in = "rtmr_1" },
    { claim = "rtmr_2", in = "rtmr_2" },
    { claim = "tdvfkernel", in = "tdvfkernel" },
    { claim = "tdvfkernelparams", in = "tdvfkernelparams" },
]

[tdx.hardware]
otherwise = 97
[[tdx.hardware.grade]]
value = 2
require = [{ claim = "mr_td", in = "mr_td" }]

[tdx.configuration]
otherwise = 36
[[tdx.configuration.grade]]
value = 2
require = [{ claim = "/td_attributes/debug", equal = false }]
"""


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, platform: Path) -> Iterator[Owner]:
    root = make_root("simulated-snp", platform, platform / "ark.pem")
    owner = Owner(tmp_path_factory.mktemp("owner"), root)
    yield owner
    owner.kbs.stop()


@dataclass
class Unknown:
    """A boot before any reference value was loaded."""

    done: Boot
    platform_values: Path
    reasons: str


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory, owner: Owner, platform: Path) -> Unknown:
    values = tmp_path_factory.mktemp("unknown") / "platform-values.json"
    done = boot(platform, *owner.asked_by(), "--platform-values", values)
    return Unknown(done, values, owner.last_reasons())


@pytest.fixture(scope="module")
def known(owner: Owner, unknown: Unknown) -> Owner:
    """The owner, who has loaded what the build and the platform published, and the digest of the init-data."""
    owner.publish()
    owner.register(unknown.platform_values.read_text())
    owner.know_init_data(owner.init_data())
    return owner


def expect_refused(done: Boot, error: str) -> None:
    """Refused by the broker, in one line, with its reason."""
    assert done.status == 1 and done.answer["verdict"] == "refused", done
    assert done.error.count("\n") == 1
    [asked] = done.answer["secrets"]
    assert (asked["resource"], asked["granted"]) == (URI, False)
    assert error in asked["refusal"], asked
    assert f"the guest is refused {URI}: {asked['refusal']}" in done.error


def test_without_reference_values_nobody_gets_it(owner: Owner, unknown: Unknown) -> None:
    expect_refused(unknown.done, "PolicyDeny")
    # By its own comparison the boot is the right one.
    assert len(set(unknown.done.digests.values())) == 1
    assert "seen here" not in unknown.done.error
    assert "the image's set is not loaded; load it with: hallmark-measure publish" in unknown.reasons
    assert "the platform's set is not loaded; load it with: " in unknown.reasons


def test_the_image_just_built_gets_it(known: Owner, platform: Path) -> None:
    before = len(known.releases())
    done = boot(platform, *known.asked_by())
    assert done.status == 0 and done.error == "" and done.answer["verdict"] == "proven", done
    assert done.answer["secrets"] == [{"resource": URI, "granted": True, "refusal": None}]
    released = known.releases()
    assert len(released) == before + 1
    assert released[-1]["simulated"] and released[-1]["tee"] == "snp", released[-1]


@pytest.mark.parametrize(("arguments", "claim"), [
    (["--attack", "firmware-byte"], "snp.measurement is "),
    (["--attack", "kernel-bit-rehashed"], "snp.measurement is "),
    (["--attack-command-line", "+ hallmark.more=1"], "snp.measurement is "),
], ids=["changed firmware", "changed kernel", "other command line"])
def test_no_other_gets_it(known: Owner, platform: Path, arguments: list[str], claim: str) -> None:
    before = len(known.releases())
    done = boot(platform, *known.asked_by(), *[argument.replace("+", command_line()) for argument in arguments])
    expect_refused(done, "PolicyDeny")
    assert claim in known.last_reasons()
    assert len(known.releases()) == before


def test_another_number_of_vcpus_gets_nothing(unknown: Unknown, platform: Path, tmp_path: Path) -> None:
    """An owner who starts guests of one vCPU needs to know no others, although all are published."""
    owner = Owner(tmp_path, platform / "ark.pem")
    published = json.loads((GUEST / "reference-values.json").read_text())
    published["snp"]["launches"] = [one for one in published["snp"]["launches"] if one["vcpus"] == 1]
    owner.register(json.dumps(published))
    owner.register(unknown.platform_values.read_text())
    owner.know_init_data(owner.init_data())
    before = len(owner.releases())
    expect_refused(boot(platform, *owner.asked_by(), "--vcpus", "2"), "PolicyDeny")
    assert "snp.measurement is " in owner.last_reasons()
    assert len(owner.releases()) == before
    assert boot(platform, *owner.asked_by(), "--vcpus", "1").answer["secrets"][0]["granted"]
    assert len(owner.releases()) == before + 1
    owner.kbs.stop()


def test_other_init_data_gets_nothing(known: Owner, platform: Path, tmp_path: Path) -> None:
    """The same with one comment more, honestly bound: the guest comes up, and its owner does not know it."""
    other = tmp_path / "other.toml"
    other.write_text(known.init_data().read_text() + "# more\n")
    expect_refused(boot(platform, *known.asked_by(other)), "PolicyDeny")
    assert "snp.init_data is " in known.last_reasons()


def test_init_data_that_is_not_the_launch_s_ends_the_guest(known: Owner, platform: Path) -> None:
    """The host gives the owner's init-data to a guest that was launched with another digest: nobody asks anything."""
    seen = len(known.kbs.audit(known.folder / "data"))
    done = boot(platform, *known.asked_by(), "--host-data", "11" * 32)
    assert done.status == 1 and "secrets" not in done.answer
    assert "the attestation-agent ended with status" in done.error, done.error
    assert len(known.kbs.audit(known.folder / "data")) == seen


def test_without_a_network_the_guest_says_so(known: Owner, platform: Path) -> None:
    done = boot(platform, "--init-data", known.init_data())
    assert done.status == 1 and "no network card" in done.error, done.error


def test_another_platform_gets_nothing(known: Owner, platform: Path) -> None:
    done = boot(platform, *known.asked_by(), "--attack", "foreign-chain")
    expect_refused(done, "AttestationError")
    # All that was measured is right.
    assert len(set(done.digests.values())) == 1


@pytest.fixture(scope="module")
def tdx_platform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("platform") / "simulated-tdx"


@pytest.fixture(scope="module")
def tdx_owner(tmp_path_factory: pytest.TempPathFactory, tdx_platform: Path) -> Iterator[Owner]:
    root = make_root("simulated-tdx", tdx_platform, tdx_platform / "root.pem")
    owner = Owner(tmp_path_factory.mktemp("owner"), root, TDX_POLICY)
    registers = predicted()
    events = {(event["register"], event["name"]): event["digest"] for event in registers["events"]}
    owner.register_values({
        "mr_td": [registers["mrtd"]["single_pass"]], "rtmr_1": [registers["rtmr1"]], "rtmr_2": [registers["rtmr2"]],
        "tdvfkernel": [events["rtmr1", "kernel"]], "tdvfkernelparams": [events["rtmr2", "load_options"]]})
    yield owner
    owner.kbs.stop()


@pytest.mark.skipif(SWTPM is None, reason="swtpm is not installed")
@pytest.mark.parametrize("served", [None, "hallmark.more=1"], ids=["as built", "other command line"])
def test_on_tdx_the_image_just_built_gets_it(tdx_owner: Owner, tdx_platform: Path, served: str | None) -> None:
    asked = tdx_owner.asked_by(tdx_owner.init_data("sha384"))
    attack = [] if served is None else ["--attack-command-line", f"{command_line()} {served}"]
    done = boot_tdx(tdx_platform, "--memory", str(MEMORY), *asked, *attack)
    if served is None:
        assert done.status == 0 and done.answer["secrets"][0]["granted"], done
        return
    expect_refused(done, "PolicyDeny")
    assert "tdx.rtmr_2 is " in tdx_owner.last_reasons()


@pytest.mark.parametrize(("document", "error"), [
    (None, "No such file"),
    ("version = 1", "no text 'version'"),
    ('version = "0.1.0"\nalgorithm = "md5"\n[data]\n', "md5"),
    ('version = "0.1.0"\nalgorithm = "sha256"\n', "no table [data]"),
], ids=["no file", "no init-data", "unknown algorithm", "no data"])
def test_a_guest_is_not_started_with_init_data_that_is_none(tmp_path: Path, document: str | None, error: str) -> None:
    file = tmp_path / "init-data.toml"
    if document is not None:
        file.write_text(document)
    done = subprocess.run([PROGRAM, GUEST, "--tee", "simulated-snp", "--init-data", file], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert error in done.stderr and str(file) in done.stderr and done.stderr.count("\n") == 1


def test_init_data_is_bound_on_hardware_too(tmp_path: Path) -> None:
    """As Kata's runtime does it: the digest as base64, and a disk."""
    file = tmp_path / "init-data.toml"
    file.write_text('version = "0.1.0"\nalgorithm = "sha384"\n[data]\n')
    digest = hashlib.sha384(file.read_bytes()).digest()
    for tee, bound in [("snp", f"host-data={b64encode(digest[:32]).decode()}"),
                       ("tdx", f'"mrconfigid":"{b64encode(digest).decode()}"')]:
        done = subprocess.run([PROGRAM, GUEST, "--tee", tee, "--init-data", file, "--dry-run"], capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done
        assert bound in done.stdout
        assert "virtio-blk-pci,drive=initdata,romfile=" in done.stdout.splitlines()
