# SPDX-License-Identifier: Apache-2.0
"""Boots whose guest asks a hallmark-kbs for a secret: the image just built gets it, and no other.

Whatever hallmark-boot itself finds wrong with a boot, the broker is asked nevertheless, so that each refusal here is
the broker's own. Its reasons for the owner are in its audit log; the guest is only told that it may not.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.boot.key_broker import RESOURCE, SECRET, Owner, make_root
from tests.boot.simulated import GUEST, PROGRAM, Boot, boot, needs_guest
from tests.boot.test_simulated_tdx import MEMORY, command_line, predicted
from tests.boot.test_simulated_tdx import boot as boot_tdx
from tests.boot.tpm import SWTPM

pytestmark = needs_guest

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
    secret: Path
    platform_values: Path
    reasons: str


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory, owner: Owner, platform: Path) -> Unknown:
    folder = tmp_path_factory.mktemp("unknown")
    secret, values = folder / "secret", folder / "platform-values.json"
    done = boot(platform, *owner.asked_by(secret), "--platform-values", values)
    return Unknown(done, secret, values, owner.last_reasons())


@pytest.fixture(scope="module")
def known(owner: Owner, unknown: Unknown) -> Owner:
    """The owner, who has loaded what the build and the platform published."""
    owner.publish()
    owner.register(unknown.platform_values.read_text())
    return owner


def expect_refused(done: Boot, secret: Path, error: str) -> None:
    """Refused by the broker, in one line, with nothing given."""
    assert done.status == 1 and done.answer["verdict"] == "refused", done
    assert done.error.count("\n") == 1
    asked = done.answer["key_broker"]
    assert (asked["resource"], asked["granted"]) == (RESOURCE, False)
    assert asked["refusal"].startswith(error + ": "), asked
    assert f"the key broker refuses {RESOURCE}: {asked['refusal']}" in done.error
    assert not secret.exists()


def test_without_reference_values_nobody_gets_it(unknown: Unknown) -> None:
    expect_refused(unknown.done, unknown.secret, "PolicyDeny")
    # By its own comparison the boot is the right one.
    assert len(set(unknown.done.digests.values())) == 1
    assert "seen here" not in unknown.done.error
    assert "the image's set is not loaded; load it with: hallmark-measure publish" in unknown.reasons
    assert "the platform's set is not loaded; load it with: " in unknown.reasons


def test_the_image_just_built_gets_it(known: Owner, platform: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    done = boot(platform, *known.asked_by(secret))
    assert done.status == 0 and done.error == "" and done.answer["verdict"] == "proven", done
    assert done.answer["key_broker"] == {"resource": RESOURCE, "granted": True, "refusal": None}
    assert secret.read_bytes() == SECRET
    assert secret.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [secret]


@pytest.mark.parametrize(("arguments", "claim"), [
    (["--attack", "kernel-bit-rehashed"], "snp.measurement is "),
    (["--attack-command-line", "+ hallmark.more=1"], "snp.measurement is "),
    (["--host-data", "11" * 32], "snp.init_data is "),
], ids=["changed kernel", "other command line", "host data"])
def test_no_other_gets_it(known: Owner, platform: Path, tmp_path: Path, arguments: list[str], claim: str) -> None:
    secret = tmp_path / "secret"
    done = boot(platform, *known.asked_by(secret), *[argument.replace("+", command_line()) for argument in arguments])
    expect_refused(done, secret, "PolicyDeny")
    assert claim in known.last_reasons()


def test_another_platform_gets_nothing(known: Owner, platform: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    done = boot(platform, *known.asked_by(secret), "--attack", "foreign-chain")
    expect_refused(done, secret, "AttestationError")
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
def test_on_tdx_the_image_just_built_gets_it(tdx_owner: Owner, tdx_platform: Path, tmp_path: Path,
                                             served: str | None) -> None:
    secret = tmp_path / "secret"
    attack = [] if served is None else ["--attack-command-line", f"{command_line()} {served}"]
    done = boot_tdx(tdx_platform, "--memory", str(MEMORY), *tdx_owner.asked_by(secret), *attack)
    if served is None:
        assert done.status == 0 and done.answer["key_broker"]["granted"], done
        assert secret.read_bytes() == SECRET
        return
    expect_refused(done, secret, "PolicyDeny")
    assert "tdx.rtmr_2 is " in tdx_owner.last_reasons()


KBS = ["--kbs", "https://127.0.0.1:1"]
ONE = ["--resource", RESOURCE]


@pytest.mark.parametrize(("tee", "arguments", "error"), [
    ("snp", [*KBS, *ONE], "its secret would be the host's"),
    ("simulated-snp", KBS, "give --resource"),
    ("simulated-snp", ["--secret", "x"], "only with --kbs URL"),
    ("simulated-snp", ["--kbs", "http://127.0.0.1:1", *ONE], "give --insecure-http"),
    ("simulated-snp", ["--kbs", "kbs.example", *ONE], "expected https://"),
    ("simulated-snp", [*KBS, "--resource", "default/../one"], "--resource: resource path: expected"),
    ("simulated-snp", [*KBS, *ONE, "--secret", "-", "--json"], "--secret -: not with --json"),
], ids=lambda value: None if isinstance(value, list) else value)
def test_what_can_not_be_asked_is_told(tee: str, arguments: list[str], error: str) -> None:
    done = subprocess.run([PROGRAM, GUEST, "--tee", tee, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert error in done.stderr and done.stderr.count("\n") == 1
