"""Linux' process connector: the kernel tells of every process that is forked, executes a program, or ends.

Notes
-----
Needs CAP_NET_ADMIN in the first user and process namespace; elsewhere, as in most containers, the kernel says nothing.
Notices that came faster than they were read are lost; the kernel numbers them per processor, so they are counted.

References
----------
Linux ``include/uapi/linux/{netlink,connector,cn_proc}.h``.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import IntEnum
from select import POLLIN, poll
from struct import Struct
from typing import Final

NETLINK_CONNECTOR: Final = 11
GROUP: Final = 1
"""``CN_IDX_PROC``, also its value."""

LISTEN: Final = 1
"""``PROC_CN_MCAST_LISTEN``."""

DONE: Final = 3
"""``NLMSG_DONE``."""

RECEIVE_BUFFER: Final = 8 << 20
"""Bytes that the kernel holds while nobody reads: some 10,000 notices of 80 bytes, which take 768 there."""

SO_RCVBUFFORCE: Final = 33
PATIENCE_MS: Final = 1000
"""How long the kernel's answer is waited for."""

_HEAD: Final = Struct("=IHHIIIIIIHH")
"""``nlmsghdr`` and ``cn_msg``."""

_EVENT: Final = Struct("=IIQ")
"""What, on which processor, when (ns since the machine started)."""

_NUMBERS: Final = Struct("=4I")


class What(IntEnum):
    """``enum proc_cn_event``, as far as it is of use here."""

    ANSWER = 0
    FORK = 1
    EXEC = 2
    EXIT = 0x80000000


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened to a process; ``parent`` is given for forks only."""

    what: What
    pid: int
    parent: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it came: the notice in it, if any, and the number that its processor gave it."""

    notice: Notice | None
    processor: int
    number: int


def read_notice(data: bytes) -> Told | None:
    """Return what a message tells; None for what is no message of the process connector.

    Threads, and what else happens to processes, count but are no notices.
    """
    if len(data) < _HEAD.size + _EVENT.size + _NUMBERS.size:
        return None
    head = _HEAD.unpack_from(data)
    if head[5:7] != (GROUP, GROUP):
        return None
    what, processor, _ = _EVENT.unpack_from(data, _HEAD.size)
    first, second, third, fourth = _NUMBERS.unpack_from(data, _HEAD.size + _EVENT.size)
    notice = None
    if what == What.FORK and third == fourth:
        notice = Notice(What.FORK, fourth, second)
    elif what == What.EXEC or (what == What.EXIT and first == second):
        notice = Notice(What(what), second)
    elif what == What.ANSWER:
        notice = Notice(What.ANSWER, first)
    return Told(notice, processor, head[7])


class Connector:
    """A socket on which the kernel tells of processes. Not thread-safe.

    Raises
    ------
    OSError
        If the kernel refuses to, or does not answer.
    """

    def __init__(self) -> None:
        self.lost = 0
        """Notices that were not read in time, of any sort."""
        self._numbers: dict[int, int] = {}
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_CONNECTOR)
        self._waiting = poll()
        self._waiting.register(self._socket, POLLIN)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
            self._socket.bind((0, GROUP))
            self._listen()
        except OSError:
            self._socket.close()
            raise

    def _listen(self) -> None:
        size = _HEAD.size + 4
        asked = _HEAD.pack(size, DONE, 0, 0, os.getpid(), GROUP, GROUP, 0, 0, 4, 0) + LISTEN.to_bytes(4, "little")
        self._socket.send(asked)
        while self._waiting.poll(PATIENCE_MS):
            told = read_notice(self._socket.recv(4096))
            if told is not None and told.notice is not None and told.notice.what is What.ANSWER:
                if told.notice.pid:
                    raise OSError(told.notice.pid, os.strerror(told.notice.pid))
                return
        raise TimeoutError("the kernel does not tell of processes here")

    def read(self, timeout: float) -> list[Notice]:
        """Return the notices that are there, waiting at most `timeout` seconds for the first."""
        found: list[Notice] = []
        wait = timeout * 1000
        while self._waiting.poll(wait):
            wait = 0.0
            try:
                told = read_notice(self._socket.recv(4096))
            except OSError:  # ENOBUFS: some were lost; their numbers tell how many
                continue
            if told is None:
                continue
            self._count(told)
            if told.notice is not None and told.notice.what is not What.ANSWER:
                found.append(told.notice)
                if told.notice.what is What.EXEC:
                    return found  # to be looked at before it ends
        return found

    def _count(self, told: Told) -> None:
        if told.notice is not None and told.notice.what is What.ANSWER:
            return
        before = self._numbers.get(told.processor)
        if before is not None:
            self.lost += (told.number - before - 1) & 0xFFFFFFFF
        self._numbers[told.processor] = told.number

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
