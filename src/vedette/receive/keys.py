"""API keys: ``vdt_<id>_<secret>``, only a hash of which is stored; without any, the server is for this machine."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import asdict, dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_hex
from typing import Final

from vedette.errors import ConfigError, Unauthorized

SCOPES: Final = ("ingest", "simulate", "read", "respond", "admin")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored; a hash of 256 random bits needs no stretching."""

    id: str
    name: str
    scopes: tuple[str, ...]
    digest: str


class Keys:
    """The keys of an installation, in one file of mode 0600.

    Parameters
    ----------
    path
        Of the file; it need not exist. It is read anew when it has changed.

    Notes
    -----
    Once a process has seen a key, it lets nobody in without one, even when the last key is revoked or
    the file is gone: the server may listen to other machines by then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._closed = False
        self._keys: dict[str, Key] = {}

    def all(self) -> list[Key]:
        """Return all keys, oldest first.

        Raises
        ------
        ConfigError
            For a file that can't be read; it must not count as none.
        """
        try:
            stamp = self._stamp()
            if stamp != self._read_at:
                rows = json.loads(self._path.read_text()) if stamp else []
                found = [Key(row["id"], row["name"], tuple(row["scopes"]), row["digest"]) for row in rows]
                self._keys, self._read_at = {key.id: key for key in found}, stamp
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError([f"{self._path}: not a key file ({type(error).__name__}: {error})"]) from error
        self._closed |= bool(self._keys)
        return list(self._keys.values())

    def _stamp(self) -> tuple[int, int] | None:
        """Return what changes whenever the file is replaced, None where there is none."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    def create(self, name: str, scopes: tuple[str, ...]) -> str:
        """Make a key and return it; it can't be shown again.

        Raises
        ------
        ConfigError
            For a scope that does not exist.
        """
        unknown = [scope for scope in scopes if scope not in SCOPES]
        if unknown or not scopes:
            raise ConfigError([f"scopes: got {', '.join(unknown) or 'none'}, allowed {', '.join(SCOPES)}"])
        identity, secret = token_hex(4), token_hex(32)
        self._write([*self.all(), Key(identity, name, scopes, _digest(secret))])
        return f"vdt_{identity}_{secret}"

    def revoke(self, identity: str) -> bool:
        """Remove a key; False if there is none of that id."""
        kept = [key for key in self.all() if key.id != identity]
        found = len(kept) < len(self._keys)
        self._write(kept)
        return found

    def check(self, authorization: str, scope: str) -> str:
        """Return the id of the key in an ``Authorization`` header, ``""`` where there was never a key.

        ``Bearer``, ``ApiKey``, ``Splunk`` and the password of ``Basic`` are understood.

        Raises
        ------
        Unauthorized
            For a missing, unknown or revoked key, or one without the scope.
        """
        if not self.all() and not self._closed:
            return ""
        identity, _, secret = _token(authorization).removeprefix("vdt_").partition("_")
        key = self._keys.get(identity)
        if key is None or not compare_digest(key.digest, _digest(secret)):
            raise Unauthorized("wrong_key", detail="got no known key, expected 'Authorization: Bearer vdt_…'")
        self.permit(identity, scope)
        return identity

    def permit(self, identity: str, scope: str) -> None:
        """Raise `Unauthorized` unless there is a key of this id, and it has the scope or ``admin``."""
        key = next((key for key in self.all() if key.id == identity), None)
        if key is None:
            raise Unauthorized("wrong_key", detail="the key was revoked")
        if scope not in key.scopes and "admin" not in key.scopes:
            raise Unauthorized("missing_scope", detail=f"key {identity} has {', '.join(key.scopes)}, expected {scope}")

    def _write(self, keys: list[Key]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{token_hex(4)}.tmp")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps([asdict(key) for key in keys], indent=1))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _token(authorization: str) -> str:
    kind, _, value = authorization.strip().partition(" ")
    if kind.lower() != "basic":
        return value.strip() or kind
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except (Base64Error, UnicodeDecodeError):
        return ""


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
