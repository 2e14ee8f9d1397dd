# SPDX-License-Identifier: Apache-2.0
"""A hallmark-kbs whose secrets are encrypted under a key that never leaves a token (PKCS#11, SoftHSM)."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.kbs import MEASUREMENT, POLICY, PROGRAM, RELEASE, Admin, Kbs, Platform, TeeKey
from tests.integration.softhsm import make_tokens

KEY = "pkcs11:token=hallmark;object=master"
SECRET = os.urandom(100)


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_secrets_of_a_broker_lie_under_a_key_in_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = make_tokens(tmp_path, monkeypatch, "hallmark")
    token = ["--pkcs11-module", module, "--pkcs11-pin", tmp_path / "pin"]
    made = run(PROGRAM, "new-master-key", KEY, *token)
    assert (made.returncode, made.stderr) == (0, ""), made
    again = run(PROGRAM, "new-master-key", KEY, *token)
    assert again.returncode == 2 and again.stderr.count("\n") == 1, again

    (tmp_path / "platform").mkdir()
    platform = Platform(tmp_path / "platform")
    admin = Admin(tmp_path)
    for name, text in (("policy", POLICY), ("release", RELEASE)):
        (tmp_path / name).write_text(text)
    arguments = ["--admin-key", admin.public, "--trust-simulated", platform.root, "--policy", tmp_path / "policy",
                 "--release-policy", tmp_path / "release", "--master-key", KEY, *token]
    data = tmp_path / "data"
    kbs = Kbs(data, *arguments)
    path = "/kbs/v0/resource/default/key/one"
    assert kbs.ask("POST", path, SECRET, token=admin.token()).status == 200
    payload = base64.b64encode(json.dumps({"snp_launch_measurement": [MEASUREMENT]}).encode()).decode()
    message = json.dumps({"version": "0.1.0", "type": "sample", "payload": payload})
    assert kbs.ask("POST", "/kbs/v0/reference-value", message, token=admin.token()).status == 200
    kbs.stop()
    assert not (data / "master.key").exists() and SECRET not in (data / "keys.sqlite").read_bytes()

    # Another broker with the same token reads it; one without is told.
    kbs = Kbs(data, *arguments)
    key = TeeKey()
    session = kbs.auth()
    assert kbs.attest(platform, key, session).status == 200
    assert key.open(kbs.ask("GET", path, cookie=session[0]).json()) == SECRET
    kbs.stop()
    platform.close()
    for wrong, why in (([], ""), (["--master-key", KEY], "--pkcs11-module")):
        refused = run(PROGRAM, "serve", "--data", data, "--listen", "127.0.0.1:0", *wrong)
        assert refused.returncode == 2 and why in refused.stderr.splitlines()[-1], refused
