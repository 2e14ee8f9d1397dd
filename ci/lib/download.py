# SPDX-License-Identifier: Apache-2.0
"""One file over HTTP: bounded, and under its final name only when it is what was asked for."""

import hashlib
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from ci.lib import apt
from ci.lib.errors import Fault

BLOCK = 1 << 18
TIMEOUT_S = 60
ATTEMPTS = 4


class Gone(Exception):
    """The server answered that it does not have the file."""


class Wrong(Exception):
    """What the server sent is not the file that was asked for; the message says how."""


def small(url: str, limit: int) -> bytes:
    """The content of an address, at most `limit` bytes. Raises Gone, or Fault when the server can't be asked."""
    parts: list[bytes] = []
    _retrying(url, lambda: _stream(url, limit, parts))
    content = b"".join(parts)
    if len(content) > limit:
        raise Fault(f"{url}: more than {limit} bytes, expected fewer; is this a Debian archive?")
    return content


def verified(url: str, final: Path, size: int, sha256: str, advance: Callable[[int], None] = lambda _: None) -> None:
    """Fetch a file of known size and SHA-256 (hex) to `final`. Raises Gone, Wrong or Fault and then leaves nothing."""
    handle, name = tempfile.mkstemp(prefix=f".{final.name[:40]}.", suffix=".part", dir=final.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            _retrying(url, lambda: _to_file(url, out, size, sha256, advance))
            out.flush()
            os.fsync(out.fileno())
            os.fchmod(out.fileno(), 0o644)
        os.rename(draft, final)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _to_file(url: str, out, size: int, sha256: str, advance: Callable[[int], None]) -> None:  # noqa: ANN001
    out.seek(0)
    out.truncate()
    state, done = hashlib.sha256(), 0
    with _open(url) as answer:
        while block := answer.read(min(BLOCK, size - done + 1)):
            done += len(block)
            if done > size:
                advance(size - done + len(block))
                raise Wrong(f"{url}: more than {size} bytes, expected {size}")
            state.update(block)
            out.write(block)
            advance(len(block))
    if done != size:
        raise Wrong(f"{url}: {done} bytes, expected {size}")
    if state.hexdigest() != sha256:
        raise Wrong(f"{url}: SHA-256 {state.hexdigest()}, expected {sha256}")


def _stream(url: str, limit: int, parts: list[bytes]) -> None:
    parts.clear()
    with _open(url) as answer:
        parts.append(answer.read(limit + 1))


def _retrying(url: str, attempt: Callable[[], None]) -> None:
    """A connection that breaks is tried again; an answer, even a bad one, is final."""
    for number in range(1, ATTEMPTS + 1):
        try:
            return attempt()
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                raise Gone(url) from error
            problem, final = f"HTTP status {error.code}", error.code < 500 and error.code != 429
        except (OSError, EOFError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            problem, final = str(reason) or type(error).__name__, isinstance(error, ValueError)
        except Exception as error:  # http.client has its own family of broken connections
            if not type(error).__module__.startswith("http."):
                raise
            problem, final = str(error) or type(error).__name__, False
        if final or number == ATTEMPTS:
            raise Fault(f"{url}: {problem}, expected the file; check the network, the proxy and --mirror")
        time.sleep(number)


def _open(url: str):  # noqa: ANN202
    request = urllib.request.Request(url, headers={"User-Agent": "hallmark-build", "Accept-Encoding": "identity"})
    return _opener().open(request, timeout=TIMEOUT_S)


@lru_cache(maxsize=1)
def _opener() -> urllib.request.OpenerDirector:
    # The *_proxy variables win over apt's setting, as they do in apt itself; only http(s) is ever opened.
    proxies = apt.proxies() | urllib.request.getproxies_environment()
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
