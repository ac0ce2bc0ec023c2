"""``vedette context``, ``during``, ``verdict`` and ``silence`` against a server of our own."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.server import RunningServer
from tests.unit.cli.test_answers import Call, call  # noqa: F401 - a fixture

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
SUMMARY:nightly backup
DTSTART:20240101T020000Z
DURATION:PT30M
RRULE:FREQ=DAILY
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = RunningServer(tmp_path_factory.mktemp("context") / "data")
    running.start()
    yield running.url
    assert running.stop() in (0, 130)


def listed(call: Call, url: str) -> dict[str, dict[str, object]]:  # noqa: F811
    code, printed, _ = call("context", "list", "--json", VEDETTE_URL=url)
    assert code == 0
    return {str(one["id"]): one for one in json.loads(printed)["items"]}


def test_an_event_is_announced_listed_and_taken_back(url: str, call: Call) -> None:  # noqa: F811
    sale = ("--kind", "sale", "--title", "Summer", "--start", "+1h", "--for", "8h", "--lift", "6", "--service", "shop")
    code, printed, _ = call("context", "add", *sale, VEDETTE_URL=url)
    assert code == 0
    event = listed(call, url)[printed.strip()]
    assert (event["state"], event["lift"], event["segments"]) == ("ahead", 6.0, ["shop"])
    assert call("context", "remove", printed.strip(), VEDETTE_URL=url)[0] == 0
    assert printed.strip() not in listed(call, url)
    assert call("context", "remove", printed.strip(), VEDETTE_URL=url)[0] == 5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--kind", "sale", "--title", "x"), "a sale needs an end"),
        (("--kind", "sale", "--title", "x", "--start", "soon", "--for", "1h"), "got 'soon'"),
        (("--kind", "sale", "--title", "x", "--for", "long"), "got 'long'"),
        (("--kind", "sale", "--title", "x", "--for", "1h", "--end", "+2h"), "not both"),
        (("--kind", "sale", "--title", "x", "--for", "1h", "--lift", "-1"), "got '-1.0'"),
    ],
)
def test_what_cannot_be_planned_is_refused(url: str, call: Call, words: tuple[str, ...], said: str) -> None:  # noqa: F811
    code, printed, error = call("context", "add", *words, VEDETTE_URL=url)
    assert (code, printed) == (2, "")
    assert said in error


def test_a_calendar_is_imported_once_however_often(url: str, tmp_path: Path, call: Call) -> None:  # noqa: F811
    path = tmp_path / "jobs.ics"
    path.write_text(CALENDAR)
    code, first, _ = call("context", "import", str(path), "--ahead", "10d", VEDETTE_URL=url)
    assert code == 0
    assert 10 <= len(first.split()) <= 11
    before = len(listed(call, url))
    assert call("context", "import", str(path), "--ahead", "10d", VEDETTE_URL=url)[1] == first
    assert len(listed(call, url)) == before
    path.write_text(CALENDAR.replace("DURATION:PT30M\n", ""))
    code, _, error = call("context", "import", str(path), VEDETTE_URL=url)
    assert code == 2
    assert "nightly backup: got no end" in error


def test_holidays_of_a_country_are_announced(url: str, call: Call) -> None:  # noqa: F811
    code, printed, _ = call("context", "holidays", "DE", VEDETTE_URL=url)
    assert code == 0
    assert len(printed.split()) >= 9
    code, _, error = call("context", "holidays", "Atlantis", VEDETTE_URL=url)
    assert code == 2
    assert "'Atlantis'" in error


@pytest.mark.parametrize("code", [0, 7])
def test_during_announces_the_command_and_passes_its_code_on(url: str, call: Call, code: int) -> None:  # noqa: F811
    known = set(listed(call, url))
    words = ("during", "--title", f"backup {code}", "--service", "db", "--", sys.executable, "-c", f"exit({code})")
    assert call(*words, VEDETTE_URL=url)[0] == code
    (event,) = (one for name, one in listed(call, url).items() if name not in known)
    assert (event["kind"], event["title"], event["state"]) == ("job", f"backup {code}", "over")


def test_during_runs_the_command_also_where_nobody_listens(call: Call) -> None:  # noqa: F811
    code, _, error = call("during", "--url", "http://127.0.0.1:9", "--", sys.executable, "-c", "exit(3)")
    assert code == 3
    assert "not announced" in error
    assert call("during", "--url", "http://127.0.0.1:9", "--", "no-such-command-here")[0] == 127


def test_silences_are_added_listed_and_ended(url: str, call: Call) -> None:  # noqa: F811
    words = ("silence", "add", "service=shop", 'severity!="critical"', "--for", "2h", "--comment", "moving")
    code, printed, _ = call(*words, VEDETTE_URL=url)
    assert code == 0
    rows = call("silence", "list", VEDETTE_URL=url)[1]
    assert "service=shop severity!=critical" in rows
    assert "active" in rows
    assert call("silence", "end", printed.strip(), VEDETTE_URL=url)[0] == 0
    assert "expired" in call("silence", "list", VEDETTE_URL=url)[1]
    assert call("silence", "end", printed.strip(), VEDETTE_URL=url)[0] == 5
    code, _, error = call("silence", "add", "shop", "--comment", "x", VEDETTE_URL=url)
    assert code == 2
    assert "got 'shop'" in error
    code, _, error = call("silence", "add", "service=~(", "--comment", "x", VEDETTE_URL=url)
    assert code == 2
    assert "regular expression" in error


def test_a_verdict_on_nothing_is_not_found(url: str, call: Call) -> None:  # noqa: F811
    code, _, error = call("verdict", "beef", "noise", "--preview", VEDETTE_URL=url)
    assert code == 5
    assert "'beef'" in error
