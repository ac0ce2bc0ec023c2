"""Who made a set of rules: a detached OpenPGP signature, checked by gpgv against keys that the operator trusts."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

from vedette.errors import BadInput

ARMOR: Final = re.compile(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.S)
_STATUS: Final = "[GNUPG:] "


def check_signature(source: Path, signature: Path, keys: Path) -> str:
    """Check a detached signature of a file; return whose it is: fingerprint and name.

    Parameters
    ----------
    source
        What was signed: one file or archive.
    signature
        Binary or armored, as ``gpg --detach-sign`` writes it.
    keys
        Public keys that are trusted for this, and no others: a keyring, or armored as ``gpg --armor --export`` writes.

    Raises
    ------
    BadInput
        For a folder, a signature that does not fit or is of another key, keys that can't be read, or without gpgv.
    """
    if source.is_dir():
        raise BadInput("no_signature_of_folder", detail=f"got the folder {source}, expected one file or archive")
    program = which("gpgv")
    if program is None:
        raise BadInput("no_gpgv", detail="signatures are checked by gpgv: install the package gpgv")
    with TemporaryDirectory() as folder:
        ring = Path(folder) / "keys.gpg"
        ring.write_bytes(_dearmored(keys))
        words = [program, "--status-fd", "1", "--keyring", str(ring), str(signature), str(source)]
        done = subprocess.run(words, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    said = [line.removeprefix(_STATUS).split(" ", 2) for line in done.stdout.splitlines() if line.startswith(_STATUS)]
    facts = {words[0]: words[1:] for words in said}
    if done.returncode != 0 or not {"VALIDSIG", "GOODSIG"} <= facts.keys():  # good: no expired or revoked key
        cause = done.stderr.strip().splitlines()[-1:] or ["no signature in it"]
        raise BadInput("bad_signature", detail=f"{signature} does not prove {source} to be of {keys}: {cause[0]}")
    return f"{facts['VALIDSIG'][0]} {facts['GOODSIG'][-1]}"


def _dearmored(keys: Path) -> bytes:
    """Return keys in the binary form that gpgv reads."""
    data = keys.read_bytes()
    blocks = ARMOR.findall(data)
    if not blocks:
        return data
    try:
        return b"".join(_body(block) for block in blocks)
    except ValueError as error:
        raise BadInput("bad_keys", detail=f"{keys}: armored keys can't be read: {error}") from error


def _body(block: bytes) -> bytes:
    """Return the content of an armored block: after its headers and an empty line, before its checksum."""
    lines = block.replace(b"\r", b"").split(b"\n")
    start = lines.index(b"") + 1 if b"" in lines else 0
    return base64.b64decode(b"".join(line for line in lines[start:] if not line.startswith(b"=")), validate=True)
