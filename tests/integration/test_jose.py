# SPDX-License-Identifier: Apache-2.0
"""Keys, encrypted secrets and tokens, held against python3-cryptography and the command jose, which share no JOSE
code with ours."""

import base64
import hashlib
import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

PEER = Path(os.environ["HALLMARK_BUILD"]) / "tests/support/jose-peer"
CURVES = {"P-256": (ec.SECP256R1(), 32), "P-384": (ec.SECP384R1(), 48), "P-521": (ec.SECP521R1(), 66)}
KINDS = ["ECDH-ES+A256KW-P256", "ECDH-ES+A256KW-P384", "ECDH-ES+A256KW-P521", "RSA-OAEP-256"]
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def ask(*requests: dict) -> list[dict]:
    text = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([PEER], input=text.encode(), check=True, capture_output=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def un64u(text: str) -> bytes:
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwk_of(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> dict:
    numbers = public.public_numbers()
    if isinstance(public, rsa.RSAPublicKey):
        return {"kty": "RSA", "alg": "RSA-OAEP-256", "n": b64u(numbers.n.to_bytes(public.key_size // 8, "big")), "e": b64u(b"\1\0\1")}
    name = "P-" + str(public.curve.key_size)
    size = CURVES[name][1]
    x, y = (b64u(part.to_bytes(size, "big")) for part in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": name, "alg": "ECDH-ES+A256KW", "x": x, "y": y}


def public_of(jwk: dict) -> ec.EllipticCurvePublicKey:
    curve, size = CURVES[jwk["crv"]]
    x, y = un64u(jwk["x"]), un64u(jwk["y"])
    assert (len(x), len(y)) == (size, size)
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve).public_key()


def concat_kdf(secret: bytes, algorithm: str, bits: int, party_u: bytes = b"", party_v: bytes = b"") -> bytes:
    """RFC 7518, section 4.6.2."""
    info = b"".join(len(part).to_bytes(4, "big") + part for part in (algorithm.encode(), party_u, party_v))
    return ConcatKDFHash(hashes.SHA256(), bits // 8, info + bits.to_bytes(4, "big")).derive(secret)


def decrypt(jwe: dict, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    header = json.loads(un64u(jwe["protected"]))
    wrapped = un64u(jwe["encrypted_key"])
    if isinstance(key, rsa.RSAPrivateKey):
        content_key = key.decrypt(wrapped, OAEP)
    else:
        secret = key.exchange(ec.ECDH(), public_of(header["epk"]))
        content_key = aes_key_unwrap(concat_kdf(secret, "ECDH-ES+A256KW", 256), wrapped)
    assert len(content_key) == 32
    return AESGCM(content_key).decrypt(un64u(jwe["iv"]), un64u(jwe["ciphertext"]) + un64u(jwe["tag"]), jwe["protected"].encode())


def encrypt(plaintext: bytes, jwk: dict) -> dict:
    header = {"alg": jwk["alg"], "enc": "A256GCM"}
    content_key, iv = os.urandom(32), os.urandom(12)
    if jwk["kty"] == "RSA":
        numbers = rsa.RSAPublicNumbers(int.from_bytes(un64u(jwk["e"]), "big"), int.from_bytes(un64u(jwk["n"]), "big"))
        wrapped = numbers.public_key().encrypt(content_key, OAEP)
    else:
        ephemeral = ec.generate_private_key(CURVES[jwk["crv"]][0])
        epk = jwk_of(ephemeral.public_key())
        header["epk"] = {name: epk[name] for name in ("crv", "kty", "x", "y")}
        secret = ephemeral.exchange(ec.ECDH(), public_of(jwk))
        wrapped = aes_key_wrap(concat_kdf(secret, "ECDH-ES+A256KW", 256), content_key)
    protected = b64u(json.dumps(header).encode())
    sealed = AESGCM(content_key).encrypt(iv, plaintext, protected.encode())
    parts = {"encrypted_key": wrapped, "iv": iv, "ciphertext": sealed[:-16], "tag": sealed[-16:]}
    return {"protected": protected, **{name: b64u(value) for name, value in parts.items()}}


def private_pem(key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def make_key(kind: str):
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(CURVES[f"P-{kind[-3:]}"][0])


def test_this_side_derives_the_key_of_rfc_7518_appendix_c():
    alice = ec.derive_private_key(int.from_bytes(un64u("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"), "big"), ec.SECP256R1())
    bob = {"crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"}
    secret = alice.exchange(ec.ECDH(), public_of(bob))
    assert b64u(concat_kdf(secret, "A128GCM", 128, b"Alice", b"Bob")) == "VqqN6vgjbSBcIijNcacQGg"


@pytest.mark.parametrize("kind", KINDS)
def test_what_ours_encrypts_this_decrypts(kind):
    key = make_key(kind)
    plaintexts = [os.urandom(size) for size in (0, 1, 32, 5000)]
    requests = [
        {"do": "encrypt", "jwk": jwk_of(key.public_key()), "plaintext": base64.b64encode(plaintext).decode()}
        for plaintext in plaintexts
    ]
    for plaintext, jwe in zip(plaintexts, ask(*requests)):
        assert sorted(jwe) == ["ciphertext", "encrypted_key", "iv", "protected", "tag"]
        assert decrypt(jwe, key) == plaintext


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("ECDH")])
def test_what_ours_encrypts_the_command_jose_decrypts(kind, tmp_path):
    """It can't be asked the other way: it puts the ephemeral key outside the protected header, where ours never looks."""
    key = make_key(kind)
    jwk = jwk_of(key.public_key())
    d = key.private_numbers().private_value.to_bytes(CURVES[jwk["crv"]][1], "big")
    (tmp_path / "key").write_text(json.dumps({**jwk, "d": b64u(d)}))
    plaintext = os.urandom(100)
    (jwe,) = ask({"do": "encrypt", "jwk": jwk, "plaintext": base64.b64encode(plaintext).decode()})
    (tmp_path / "jwe").write_text(json.dumps(jwe))
    command = ["jose", "jwe", "dec", "-i", tmp_path / "jwe", "-k", tmp_path / "key", "-O", "-"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert done.stdout == plaintext


@pytest.mark.parametrize("kind", KINDS)
def test_what_this_encrypts_ours_decrypts(kind):
    key = make_key(kind)
    pem, jwk = private_pem(key), jwk_of(key.public_key())
    plaintexts = [os.urandom(size) for size in (0, 1, 32, 5000)]
    requests = [{"do": "decrypt", "pem": pem, "jwe": encrypt(plaintext, jwk)} for plaintext in plaintexts]
    for plaintext, answer in zip(plaintexts, ask(*requests)):
        assert base64.b64decode(answer["plaintext"]) == plaintext
        assert answer["jwk"] == jwk


@pytest.mark.parametrize(("kind", "count"), [("ECDH-ES+A256KW-P256", 400), ("ECDH-ES+A256KW-P521", 24)])
def test_coordinates_and_secrets_that_begin_with_zeros(kind, count):
    """Of P-256 one number in 256 has a zero in front, of P-521 one in two: among so many of each some do."""
    (made,) = ask({"do": "make-pair", "kind": kind})
    key = serialization.load_pem_private_key(made["pem"].encode(), None)
    assert jwk_of(key.public_key()) == made["jwk"]
    for jwe in ask(*[{"do": "encrypt", "jwk": made["jwk"], "plaintext": "AAEC"}] * count):
        assert decrypt(jwe, key) == b"\0\1\2"
    requests = [{"do": "decrypt", "pem": made["pem"], "jwe": encrypt(b"\0\1\2", made["jwk"])} for _ in range(count)]
    for answer in ask(*requests):
        assert answer["plaintext"] == "AAEC"


def thumbprint(jwk: dict) -> str:
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y") if name in jwk}
    return b64u(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())


def test_an_attestation_token_of_ours():
    key = ec.generate_private_key(ec.SECP256R1())
    runtime = {"nonce": "AAAA", "tee-pubkey": {"kty": "EC"}}
    (made,) = ask({"do": "make-ear", "pem": private_pem(key), "runtime_data": runtime, "init_data": None})
    signed, _, signature = made["token"].rpartition(".")
    header, payload = (json.loads(un64u(part)) for part in signed.split("."))
    raw = un64u(signature)
    assert len(raw) == 64
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.public_key().verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert header["alg"] == "ES256"
    assert header["kid"] == thumbprint(header["jwk"])
    assert public_of(header["jwk"]).public_numbers() == key.public_key().public_numbers()
    assert made["keys"] == {"keys": [header["jwk"]]}
    cpu = payload["submods"]["cpu0"]
    assert (cpu["ear.status"], cpu["ear.trustworthiness-vector"]) == ("affirming", {"executables": 3})
    assert cpu["ear.veraison.annotated-evidence"]["runtime_data_claims"] == runtime
    assert 0 <= time.time() - payload["iat"] < 60 and payload["exp"] == payload["iat"] + 300


def test_an_attestation_token_signed_here():
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = {**jwk_of(key.public_key()), "alg": "ES256"}
    now = int(time.time())
    claims = {
        "eat_profile": "tag:github.com,2024:confidential-containers/Trustee",
        "iat": now,
        "exp": now + 300,
        "submods": {"cpu0": {"ear.status": "affirming"}},
    }

    def token(signing: ec.EllipticCurvePrivateKey) -> str:
        text = ".".join(b64u(json.dumps(part).encode()) for part in ({"alg": "ES256", "typ": "JWT"}, claims))
        r, s = utils.decode_dss_signature(signing.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        return text + "." + b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    stranger = ec.generate_private_key(ec.SECP256R1())
    good, bad = ask(*[{"do": "check-ear", "jwk": jwk, "token": token(signing)} for signing in (key, stranger)])
    assert good == claims
    assert "signature" in bad["error"]


def test_admin_tokens_both_ways():
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (made,) = ask({"do": "make-admin", "pem": private_pem(key)})
    signed, _, signature = made["token"].rpartition(".")
    key.public_key().verify(un64u(signature), signed.encode())
    header, payload = (json.loads(un64u(part)) for part in signed.split("."))
    assert header == {"alg": "EdDSA", "typ": "JWT"}
    assert (payload["exp"] - payload["iat"], payload["nbf"], payload["role"]) == (7200, payload["iat"], "admin")
    now = int(time.time())
    text = ".".join(
        b64u(json.dumps(part).encode())
        for part in ({"alg": "EdDSA", "typ": "JWT"}, {"iat": now, "exp": now + 7200, "nbf": now, "role": "x"})
    )
    token = text + "." + b64u(key.sign(text.encode()))
    forged = text + "." + b64u(ed25519.Ed25519PrivateKey.generate().sign(text.encode()))
    good, bad = ask(*[{"do": "check-admin", "pem": public.decode(), "token": each} for each in (token, forged)])
    assert good == {"role": "x"}
    assert "signature" in bad["error"]


def test_canonical_numbers_are_those_of_another_shortest_printer():
    """repr() of Python is the shortest text that reads back, which is where RFC 8785 takes its digits from."""
    values = [int.from_bytes(os.urandom(6), "big") / 10 ** (i % 30) for i in range(2000)]
    for value, answer in zip(values, ask(*[{"do": "canonical", "value": value} for value in values])):
        assert float(answer["text"]) == value
        digits = [text.split("e")[0].replace(".", "").strip("0") for text in (answer["text"], repr(value))]
        assert digits[0] == digits[1]
