# SPDX-License-Identifier: Apache-2.0
"""The attestation agent and `hallmark-guest attest` in a simulated trust domain, with hallmark-kbs."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot import quotes
from tests.integration.attestation_agent import Agent, Guest, Tee, field
from tests.integration.kbs import BUILD, Kbs
from tests.integration.test_attest import attest, known, last
from tests.integration.test_attestation_agent import claims_of, config_for

TRUST_DOMAIN = BUILD / "tests" / "drivers" / "simulated-td"
MRTD = "11" * 48
WITH_LOG = "[eventlog_config]\nenable_eventlog = true\n"


@pytest.fixture
def td(tmp_path: Path) -> Iterator[Tee]:
    td = Tee(tmp_path / "keys", MRTD, bytes(48), program=TRUST_DOMAIN)
    yield td
    td.close()


@pytest.fixture
def kbs(tmp_path: Path, td: Tee) -> Iterator[Kbs]:
    kbs = Kbs(tmp_path / "data", "--trust-simulated", tmp_path / "keys" / "root.pem")
    yield kbs
    kbs.stop()


@pytest.mark.parametrize("more", ["", WITH_LOG], ids=["without a log", "with a log"])
def test_the_broker_takes_quotes_and_what_was_measured(kbs: Kbs, td: Tee, tmp_path: Path, more: str) -> None:
    guest = Guest(tmp_path / "guest", td)
    agent = Agent(guest, config_for(kbs, more))
    event = field(1, "a.example/b") + field(2, "Op") + field(3, "{}")
    assert agent.call("ExtendRuntimeMeasurement", event) == ({} if more else {1: 2})
    evidence = json.loads(bytes(agent.call("GetEvidence", field(1, bytes(48)))[1]))
    (tmp_path / "quote").write_bytes(base64.b64decode(evidence["quote"]))
    quote = quotes.read(tmp_path / "quote")
    claims = claims_of(json.loads(agent.token("kbs"))["token"])["submods"]["cpu0"]["ear.veraison.annotated-evidence"]
    assert claims["tdx"]["mr_td"] == MRTD
    assert claims["tdx"]["rtmr_3"] == quote.rtmrs[3]
    assert (claims["tdx"]["rtmr_3"] == "00" * 48) == (more == "")
    # Beside the agent that runs, whose log is not this program's.
    status, account = attest(guest, *known(kbs))
    assert (status, last(account)["name"]) == (1, "attest"), account
    assert last(account)["exchange"]["status"] == 200, account
    agent.stop()
