# SPDX-License-Identifier: Apache-2.0
"""Attacks on what vouches for a guest: its launch policy, its report, and a build that its owner no longer wants. The broker
refuses, and its audit log says why. What is changed in firmware, kernel, command line, disks, memory, init-data and number
of CPUs: test_simulated_boot, test_disk_attacks and test_key_broker."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.key_broker import RESOURCE, Owner, make_root
from tests.boot.simulated import Boot, boot, needs_guest, reference_values
from tests.integration.kbs import PLATFORM, PROGRAM, Platform, TeeKey

pytestmark = [needs_guest, pytest.mark.skipif(not PLATFORM.is_file(), reason=f"{PLATFORM} is not built")]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, platform: Path) -> Iterator[Owner]:
    """Who has published the image that was built, and knows the platform and the init-data."""
    folder = tmp_path_factory.mktemp("owner")
    made = Owner(folder, make_root("simulated-snp", platform, platform / "ark.pem"))
    made.publish()
    values = folder / "platform-values.json"
    boot(platform, "--platform-values", values)
    made.register(values.read_text())
    made.know_init_data(made.init_data())
    yield made
    made.kbs.stop()


def asked(owner: Owner, platform: Path, *arguments: str) -> Boot:
    return boot(platform, *owner.asked_by(), *arguments)


def is_granted(done: Boot) -> bool:
    return done.answer["secrets"][0]["granted"]


def test_a_policy_that_allows_debugging(owner: Owner, platform: Path) -> None:
    done = asked(owner, platform, "--attack", "debug-policy")
    assert done.status == 1 and not is_granted(done) and "policy" in done.error, done
    assert "debug" in owner.last_reasons(), owner.last_reasons()
    assert is_granted(asked(owner, platform)), "the same guest without it"


class Host:
    """A host that has the platform sign whatever it likes, as another guest of its own could ask."""

    def __init__(self, owner: Owner, platform: Path) -> None:
        self.kbs = owner.kbs
        self.signer = Platform(platform, min(value for value in reference_values()))

    def attest(self, nonce_in_report: str, session: tuple[str, str], key: TeeKey) -> tuple[int, str]:
        """With a report over that nonce; what the broker answers in the session."""
        bound = {"additional-evidence": "", "nonce": nonce_in_report, "tee-pubkey": key.jwk}
        canonical = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
        evidence = self.signer.evidence(hashlib.sha384(canonical).digest() + bytes(16))
        body = {"init-data": None, "runtime-data": {"nonce": session[1], "tee-pubkey": key.jwk},
                "tee-evidence": {"primary_evidence": evidence, "additional_evidence": ""}}
        answer = self.kbs.ask("POST", "/kbs/v0/attest", json.dumps(body), cookie=session[0])
        return answer.status, answer.body.decode()


def test_a_report_replayed_with_a_new_nonce(owner: Owner, platform: Path) -> None:
    host, key = Host(owner, platform), TeeKey()
    first = owner.kbs.auth()
    assert host.attest(first[1], first, key)[0] == 200, "a report over the session's own nonce is one"
    second = owner.kbs.auth()
    status, said = host.attest(first[1], second, key)
    host.signer.close()
    assert status == 401 and "report data" in said.lower(), said


def test_a_report_of_another_guest(owner: Owner, platform: Path) -> None:
    """Over the right nonce, but the key of another guest is in it: nothing is wrapped for the one who shows it."""
    host, key, other = Host(owner, platform), TeeKey(), TeeKey()
    session = owner.kbs.auth()
    bound = {"additional-evidence": "", "nonce": session[1], "tee-pubkey": other.jwk}
    canonical = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
    evidence = host.signer.evidence(hashlib.sha384(canonical).digest() + bytes(16))
    body = {"init-data": None, "runtime-data": {"nonce": session[1], "tee-pubkey": key.jwk},
            "tee-evidence": {"primary_evidence": evidence, "additional_evidence": ""}}
    answer = owner.kbs.ask("POST", "/kbs/v0/attest", json.dumps(body), cookie=session[0])
    host.signer.close()
    assert answer.status == 401 and b"report data" in answer.body.lower(), answer.body
    assert owner.kbs.ask("GET", f"/kbs/v0/resource/{RESOURCE}", cookie=session[0]).status == 401


def test_an_older_build_after_its_values_were_withdrawn(owner: Owner, platform: Path) -> None:
    assert is_granted(asked(owner, platform))
    subprocess.run([PROGRAM, "reference-values", "delete", "snp_launch_measurement", "--kbs", owner.kbs.told["url"],
                    "--certificate", owner.kbs.told["certificate"], "--admin-key", owner.key], check=True, timeout=60)
    try:
        done = asked(owner, platform)
        assert done.status == 1 and not is_granted(done), done
        assert "has no snp_launch_measurement" in owner.last_reasons()
    finally:
        owner.publish()
