"""What a small company's hosts, log-ins, cloud account and way out write on ordinary days, as JSON lines.

Process events carry the names of Sigma's taxonomy, log-ins those of ECS, the cloud's are CloudTrail's: what
Sysmon for Linux, Filebeat and CloudTrail would send. The rhythm is that of people at work: hardly anybody at
night or on weekends, jobs at their minute, services all day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import Any, Final

import numpy as np

from vedette.middleware.shape import json_shape
from vedette.simulate.model import Visit
from vedette.simulate.otlp import OTHER_SIZE

DAY: Final = 86_400.0
HOUR: Final = 3600.0

HOSTS: Final = "hosts"
LOGINS: Final = "ssh"
CLOUD: Final = "cloudtrail"
EGRESS: Final = "proxy"

ADMINS: Final = {"ana": "10.8.0.11", "ben": "10.8.0.12", "chi": "10.8.0.13"}
DEPLOYER: Final = "10.8.0.40"
MACHINES: Final = ("web-1", "web-2", "db-1")
COMMANDS: Final = (
    ("/usr/bin/systemctl", "systemctl status shop"),
    ("/usr/bin/journalctl", "journalctl -u shop -n 200"),
    ("/usr/bin/ls", "ls -la /srv/shop"),
    ("/usr/bin/vim", "vim /srv/shop/settings.toml"),
    ("/usr/bin/tail", "tail -f /var/log/nginx/access.log"),
    ("/usr/bin/df", "df -h"),
    ("/usr/bin/git", "git -C /srv/shop pull"),
    ("/usr/bin/psql", "psql shop"),
)
DESTINATIONS: Final = (
    ("payments.example", "/v1/charges", 0.020, 900, 1_400),
    ("mail.example", "/send", 0.008, 6_000, 300),
    ("packages.example", "/debian/dists/stable/InRelease", 0.002, 200, 140_000),
    ("metrics.example", "/api/v2/series", 0.016, 4_000, 60),
)
"""Domain, path, requests a second, bytes out and in."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event: when (seconds since the epoch), from which service, and its fields."""

    time: float
    service: str
    fields: dict[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        """The event as the source writes it."""
        stamp = datetime.fromtimestamp(self.time, UTC).isoformat(timespec="milliseconds")
        return {"@timestamp": stamp.replace("+00:00", "Z"), "service.name": self.service, **self.fields}


def process(moment: float, host: str, user: str, image: str, command: str, parent: str = "/usr/bin/bash") -> Record:
    """Return a started process."""
    fields = {
        "Computer": host,
        "User": user,
        "Image": image,
        "CommandLine": command,
        "ParentImage": parent,
        "ParentCommandLine": parent.rpartition("/")[2],
        "vedette.logsource": "linux/process_creation",
    }
    return Record(moment, HOSTS, fields)


def login(moment: float, host: str, user: str, address: str, success: bool = True) -> Record:
    """Return a log-in over SSH, or one refused."""
    word = "Accepted publickey" if success else "Failed password"
    fields = {
        "host.name": host,
        "user.name": user,
        "source.ip": address,
        "event.action": "ssh_login",
        "event.outcome": "success" if success else "failure",
        "message": f"{word} for {user} from {address} port 50022 ssh2",
        "vedette.logsource": "linux/sshd",
    }
    return Record(moment, LOGINS, fields)


def cloud_call(moment: float, source: str, name: str, who: str, address: str, **request: Any) -> Record:
    """Return a CloudTrail event."""
    fields = {
        "eventVersion": "1.09",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": address,
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::111122223333:assumed-role/{who}",
            "userName": who,
        },
        "requestParameters": request,
    }
    return Record(moment, CLOUD, fields)


def way_out(moment: float, host: str, domain: str, path: str, sent: int, received: int) -> Record:
    """Return a request that left the company."""
    fields = {
        "c-ip": f"10.0.0.{1 + MACHINES.index(host)}",
        "cs-host": domain,
        "cs-method": "POST",
        "c-uri": f"https://{domain}{path}",
        "http.route": domain,
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "client.address": host,
        "cs-bytes": sent,
        "http.request.body.size": sent,
        "http.response.body.size": received,
        "vedette.logsource": "proxy",
    }
    return Record(moment, EGRESS, fields)


def request(visit: Visit, sizes: dict[str, int]) -> Record:
    """Return a visit to the shop as the line that a structured access log has; `sizes` as in `simulate.otlp`."""
    path, _, query = visit.path.partition("?")
    shape = json_shape(visit.payload) if visit.body is not None else ""
    fields = {
        "deployment.environment.name": "demo",
        "http.request.method": visit.method,
        "url.path": path,
        "client.address": visit.client,
        "duration": round(visit.takes, 6),
        "http.response.status_code": visit.status,
        "http.response.body.size": sizes.get(f"{visit.route} {visit.status}", OTHER_SIZE),
    }
    optional = {"http.route": visit.route, "url.query": query, "user.id": visit.user, "vedette.request.shape": shape}
    fields |= {name: value for name, value in optional.items() if value}
    if shape:
        fields["http.request.body.size"] = len(visit.payload)
    return Record(visit.time, "shop", fields)


class Estate:
    """Draws the company's ordinary events, reproducibly.

    Parameters
    ----------
    seed
        Of all chance.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def between(self, start: float, end: float) -> Iterator[Record]:
        """Yield the events from `start` to `end` in order of time."""
        rngs = [np.random.default_rng([self._seed, number]) for number in range(6)]
        yield from merge(
            self._jobs(start, end, rngs[0]),
            _drawn(start, end, rngs[1], 0.010, _admin),
            _drawn(start, end, rngs[2], 0.004, _admin_login),
            self._deploys(start, end, rngs[3]),
            _drawn(start, end, rngs[4], 0.050, _cloud),
            *(self._egress(start, end, place) for place in range(len(DESTINATIONS))),
            key=lambda record: record.time,
        )

    def _jobs(self, start: float, end: float, rng: np.random.Generator) -> Iterator[Record]:
        """Yield what cron starts: a job each five minutes, one each hour, the backup at half past two."""
        moment = start - start % 300 + 300
        while moment < end:
            at = moment + float(rng.uniform(0, 3))
            host = MACHINES[int(rng.integers(len(MACHINES)))]
            yield process(at, host, "app", "/usr/bin/python3", "python3 /srv/shop/sync.py", "/usr/sbin/cron")
            if moment % HOUR < 1:
                yield process(
                    at + 4, host, "root", "/usr/sbin/logrotate", "logrotate /etc/logrotate.conf", "/usr/sbin/cron"
                )
            if moment % DAY == 2.5 * HOUR:
                yield process(at + 5, "db-1", "root", "/usr/bin/rsync", "rsync -a /srv/data /backup", "/usr/sbin/cron")
            moment += 300

    def _deploys(self, start: float, end: float, rng: np.random.Generator) -> Iterator[Record]:
        """Yield the deployer's log-ins, each half hour."""
        moment = start - start % 1800 + 1800
        while moment < end:
            yield login(moment + float(rng.uniform(0, 20)), "web-1", "deploy", DEPLOYER)
            moment += 1800

    def _egress(self, start: float, end: float, place: int) -> Iterator[Record]:
        domain, path, rate, sent, received = DESTINATIONS[place]
        rng = np.random.default_rng([self._seed, 100 + place])
        moment = start
        while (moment := moment + float(rng.exponential(1 / rate))) < end:
            out, back = (round(size * float(rng.lognormal(0, 0.3))) for size in (sent, received))
            yield way_out(moment, MACHINES[int(rng.integers(len(MACHINES)))], domain, path, out, back)


Draw = Callable[[float, np.random.Generator], Iterator[Record]]


def _drawn(start: float, end: float, rng: np.random.Generator, rate: float, draw: Draw) -> Iterator[Record]:
    """Yield what people do, `rate` times a second at the busiest hour."""
    moment = start
    while (moment := moment + float(rng.exponential(1 / rate))) < end:
        if rng.random() < _presence(moment):
            yield from draw(moment, rng)


def _presence(moment: float) -> float:
    """Return the share of people at work: nine to five on weekdays, one in twenty otherwise."""
    weekend = int(moment // DAY + 3) % 7 >= 5
    return 1.0 if 9 <= moment % DAY / HOUR < 17 and not weekend else 0.05


def _admin(moment: float, rng: np.random.Generator) -> Iterator[Record]:
    image, command = COMMANDS[int(rng.integers(len(COMMANDS)))]
    who = list(ADMINS)[int(rng.integers(len(ADMINS)))]
    yield process(moment, MACHINES[int(rng.integers(len(MACHINES)))], who, image, command)


def _admin_login(moment: float, rng: np.random.Generator) -> Iterator[Record]:
    who = list(ADMINS)[int(rng.integers(len(ADMINS)))]
    yield login(moment, MACHINES[int(rng.integers(len(MACHINES)))], who, ADMINS[who], success=rng.random() > 0.03)


def _cloud(moment: float, rng: np.random.Generator) -> Iterator[Record]:
    draw = rng.random()
    if draw < 0.9:
        key = f"images/{int(rng.integers(1, 400))}.webp"
        yield cloud_call(moment, "s3", "GetObject", "shop-app", "10.0.0.1", bucketName="shop-images", key=key)
    elif draw < 0.95:
        yield cloud_call(moment, "ec2", "DescribeInstances", "ana", ADMINS["ana"])
    else:
        yield cloud_call(moment, "s3", "ListBuckets", "ben", ADMINS["ben"])
