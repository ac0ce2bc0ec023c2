"""Events as columns of numbers, and the names that turn them into an Arrow table in canonical names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.records import schema
from vedette.simulate.organization.roles import ACTIONS, COUNTRIES, SITES
from vedette.simulate.organization.settings import Organization

HOST: Final = "host.name"
ACTION: Final = "event.name"
COUNTRY: Final = "client.geo.country_iso_code"
RESOURCE: Final = "vedette.resource"
PROCESS: Final = "process.executable.name"
SIZE: Final = "vedette.bytes"
OUTCOME: Final = "event.outcome"
GROUP: Final = "user.roles"

SERVICES: Final = (
    *("directory", "mail", "files", "transfer", "warehouse", "crm", "payroll", "ledger", "wiki", "build", "ticketing"),
    *("calendar", "chat", "monitoring", "backup", "etl"),
)
COMMON: Final = ("browser", "mail-client", "chat-client", "editor", "sheet", "slides", "pdf-reader", "vpn-client")
TOOLS: Final = ("psexec", "wmic", "ssh", "rclone", "7z", "net", "whoami", "certutil", "powershell", "nmap")
"""What red teams start, and administrators too."""
PROCESSES: Final = (*COMMON, *TOOLS, *(f"app-{number:03d}" for number in range(300)), "agent-2", "webshell")
RARE_FIRST: Final = len(COMMON) + len(TOOLS)
AGENT, SHELL = len(PROCESSES) - 2, len(PROCESSES) - 1

TEAM_FILES, OPEN_FILES, OWN_FILES = 400, 3000, 150
"""Files of a team, open to all, and of one person."""

NOBODY: Final = -1
"""The number of what an event does not have."""


@dataclass(frozen=True, slots=True)
class Events:
    """Columns of one length; all but time and size are numbers of names, `NOBODY` for none."""

    time: NDArray[np.float64]
    user: NDArray[np.int64]
    host: NDArray[np.int64]
    action: NDArray[np.int64]
    net: NDArray[np.int64]
    country: NDArray[np.int64]
    service: NDArray[np.int64]
    resource: NDArray[np.int64]
    process: NDArray[np.int64]
    size: NDArray[np.float64]
    failed: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.time)


def events(time: NDArray[np.float64], **columns: Any) -> Events:
    """Return events; columns not given are `NOBODY`, sizes and failures 0; single numbers stand for all."""
    count = len(time)
    given: dict[str, NDArray[Any]] = {"time": time}
    for field in fields(Events)[1:]:
        plain = 0 if field.name in ("size", "failed") else NOBODY
        kind = np.float64 if field.name == "size" else np.int64
        given[field.name] = np.broadcast_to(np.asarray(columns.get(field.name, plain), kind), (count,))
    return Events(**given)


def joined(parts: Sequence[Events]) -> Events:
    """Return all parts as one, in order of time."""
    whole = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Events)}
    order = np.argsort(whole["time"], kind="stable")
    return Events(**{name: column[order] for name, column in whole.items()})


def user_names(size: Organization) -> list[str]:
    """Return the names of people, then of service accounts."""
    people = [f"u{number:05d}" for number in range(size.users)]
    return people + [f"svc-{number:03d}" for number in range(size.accounts)]


def host_names(size: Organization) -> list[str]:
    """Return the names of laptops, replacements, servers, and of machines that are not the organization's."""
    laptops = [f"laptop-{number:05d}" for number in range(2 * size.users)]
    return laptops + [f"srv-{number:04d}" for number in range(size.servers)] + [f"host-x{n:03d}" for n in range(500)]


NETS_SITE, NETS_AWAY = 50, 4000
"""Networks of the sites, and of hotels and the like; homes have two each, in between."""


def net_names(size: Organization) -> list[str]:
    """Return an address for every network: sites, homes (two for each user), then elsewhere."""
    count = NETS_SITE + 2 * size.users + NETS_AWAY
    return [f"{10 + n // 65025}.{n // 255 % 255}.{n % 255}.17" for n in range(0, 7 * count, 7)]


def resource_names(size: Organization, teams: int) -> list[str]:
    """Return the names of files: of teams, open to all, then of each person."""
    team = [f"team-{number:03d}/{file:03d}" for number in range(teams) for file in range(TEAM_FILES)]
    own = [f"home-{number:05d}/{file:03d}" for number in range(size.users) for file in range(OWN_FILES)]
    return team + [f"open/{file:04d}" for file in range(OPEN_FILES)] + own


def to_table(all_events: Events, size: Organization, teams: int) -> pa.Table:
    """Return the events as an Arrow table in canonical names."""
    time = pa.array((all_events.time * 1e6).astype(np.int64), pa.timestamp("us", tz="UTC"))
    outcomes = ["success", "failure"]
    return pa.table(
        {
            schema.TIME: time,
            schema.USER: _named(all_events.user, user_names(size)),
            HOST: _named(all_events.host, host_names(size)),
            ACTION: _named(all_events.action, list(ACTIONS)),
            schema.CLIENT: _named(all_events.net, net_names(size)),
            COUNTRY: _named(all_events.country, list(COUNTRIES)),
            schema.SERVICE: _named(all_events.service, list(SERVICES)),
            RESOURCE: _named(all_events.resource, resource_names(size, teams)),
            PROCESS: _named(all_events.process, list(PROCESSES)),
            SIZE: pa.array(np.round(all_events.size).astype(np.int64)),
            OUTCOME: _named(all_events.failed, outcomes),
        }
    )


def _named(numbers: NDArray[np.int64], names: list[str]) -> pa.DictionaryArray:
    codes = pa.array(numbers.astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(names))


__all__ = ["SITES", "Events", "events", "joined", "to_table"]
