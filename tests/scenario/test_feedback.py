"""A verdict does what its preview said, hides one cause and no other, and is taken back without a trace."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from pathlib import Path

import pytest
from tests.scenario.story import END, Story, play, protected, shard

from vedette.config.load import load
from vedette.engine.announcer import REVERSIBLE, Announcer
from vedette.errors import BadInput
from vedette.journal.log import Chunk, Journal
from vedette.records.batch import SafeBatch
from vedette.records.context import Confirmation, Notice, Suppression, Withdrawal
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import shop_visits
from vedette.simulate.model import Visit
from vedette.store.database import open_database
from vedette.store.incidents import Incidents
from vedette.store.settings import Settings

HOUR = 3600.0
SCANS = (END - 8 * HOUR, END - 6 * HOUR)
OTHERS = {"sqli": END - 4 * HOUR, "login_guessing": END - 3 * HOUR, "card_testing": END - 2 * HOUR}
NOW = round(END * SECOND)


def traffic() -> Iterator[Visit]:
    """A scanner that comes twice, and three attacks of other kinds, two by the same clients."""
    attacks = [visits(ATTACKS["scan"], at, at + 300, 5) for at in SCANS]
    attacks += [visits(ATTACKS[name], at, at + 300, 5) for name, at in OTHERS.items()]
    return merge(shop_visits(1.0, 1.0, 7, END), *attacks, key=lambda visit: visit.time)


@pytest.fixture(scope="module")
def stream() -> list[SafeBatch]:
    return list(protected(traffic()))


@dataclass
class House:
    """The parts of a product that a verdict goes through, after the stream was judged and stored."""

    story: Story
    journal: Journal
    incidents: Incidents
    settings: Settings
    announcer: Announcer
    folder: Path

    def at(self, moment: float) -> str:
        """Return the id of the incident that began within two minutes of a time."""
        near = [
            str(one["id"])
            for one in self.story.fired
            if abs(from_rfc3339(str(one["started_at"])) / SECOND - moment) <= 120
        ]
        assert len(near) == 1
        return near[0]

    def notices(self) -> list[Suppression | Withdrawal]:
        return [one for one in self.said() if isinstance(one, (Suppression, Withdrawal))]

    def said(self) -> list[Notice]:
        chunks = self.journal.read(0, 1, self.journal.next(0))
        return [one for chunk in chunks for one in chunk.notices]


@pytest.fixture(scope="module")
def played(stream: list[SafeBatch]) -> list[object]:
    model, reports = shard(), list[object]()
    for number, batch in enumerate(stream, 1):
        reports.append(model.step(Chunk(number, None, (batch,))))
    reports.append(model.finish())
    return reports


@pytest.fixture
def house(tmp_path: Path, played: list[object]) -> Iterator[House]:
    database = open_database(f"sqlite:///{tmp_path / 'v.db'}")
    incidents, settings, story = Incidents(database), Settings(database), Story()
    for report in played:
        story.note(report)
        incidents.save(report.incidents, report.findings)
    config = load(None, overrides={"data.folder": str(tmp_path), "features.window": "60s"})
    with Journal(tmp_path / "journal") as journal:
        announcer = Announcer(journal, incidents, settings, config, lambda: NOW)
        yield House(story, journal, incidents, settings, announcer, tmp_path)


def test_the_previewed_effect_is_what_the_replay_then_gives(house: House, stream: list[SafeBatch]) -> None:
    scan = house.at(SCANS[0])
    preview = house.announcer.judge(scan, "noise", preview=True)
    assert preview is not None
    assert preview["verdict"] is None
    assert house.notices() == []
    judged = house.announcer.judge(scan, "noise", "our own scanner")
    assert judged is not None
    assert judged["effect"] == preview["effect"]
    (notice,) = house.notices()
    replayed = play(shard(), stream, [notice])
    effect = preview["effect"]
    assert effect["incidents_before"] == len(house.story.fired)
    assert effect["incidents_after"] == len(replayed.fired)
    assert effect["hidden_findings"] == len(house.story.findings) - len(replayed.findings) > 0
    gone = {one["id"] for one in effect["hidden_incidents"]}
    assert gone == {one["id"] for one in house.story.fired} - {one["id"] for one in replayed.fired}
    assert gone == {scan, house.at(SCANS[1])}
    # and of the other attacks, nothing is hidden
    for at in OTHERS.values():
        assert house.at(at) in {one["id"] for one in replayed.fired}


def test_a_verdict_that_would_hide_what_was_judged_real_is_refused_in_words(house: House) -> None:
    house.announcer.judge(house.at(SCANS[1]), "real")
    with pytest.raises(BadInput, match=f"would hide what was judged real: {house.at(SCANS[1])}"):
        house.announcer.judge(house.at(SCANS[0]), "noise")
    assert house.notices() == []
    forced = house.announcer.judge(house.at(SCANS[0]), "noise", force=True)
    assert forced is not None
    assert forced["effect"]["real"] == [house.at(SCANS[1])]


def test_what_is_real_is_announced_and_taken_back_by_another_verdict(house: House) -> None:
    attack = house.at(OTHERS["sqli"])
    house.announcer.judge(attack, "real", preview=True)
    assert house.said() == []
    house.announcer.judge(attack, "real")
    (real,) = house.said()
    assert isinstance(real, Confirmation)
    assert (real.id, real.until) == (attack, NOW + REVERSIBLE)
    assert {cause.feature for cause in real.causes} >= {"request_shape"}
    assert all(cause.item for cause in real.causes)
    house.announcer.repeat()
    assert house.said() == [real, real]
    house.announcer.judge(attack, None)
    assert house.said()[2:] == [Withdrawal(attack)]
    house.announcer.judge(attack, "real")
    house.announcer.judge(attack, "noise", force=True)
    house.announcer.repeat()
    assert isinstance(house.said()[-1], Suppression)
    assert sum(isinstance(one, Confirmation) for one in house.said()) == 3


def test_it_is_a_file_that_can_be_read_changed_and_taken_back(house: House) -> None:
    scan = house.at(SCANS[0])
    house.announcer.judge(scan, "noise", 'our "own" scanner')
    path = house.folder / "suppressions" / f"{scan}.toml"
    assert 'feature = "missing_ratio"' in path.read_text()
    (kept,) = house.announcer.files.all()
    assert [kept] == house.notices()
    assert kept.until - kept.created == REVERSIBLE
    assert house.announcer.synchronize() == []
    path.write_text(path.read_text().replace('our \\"own\\" scanner', "reviewed"))
    assert house.announcer.synchronize() == [f"suppression {scan} was changed"]
    assert house.notices()[-1].note == "reviewed"
    assert house.announcer.judge(scan, None)["verdict"] is None
    assert not path.exists()
    assert house.notices()[-1] == Withdrawal(scan)


def test_a_file_that_is_removed_takes_the_suppression_back(house: House) -> None:
    scan = house.at(SCANS[0])
    house.announcer.judge(scan, "expected")
    (house.folder / "suppressions" / f"{scan}.toml").unlink()
    assert house.announcer.synchronize() == [f"suppression {scan} was removed"]
    assert house.notices()[-1] == Withdrawal(scan)


def test_a_suppression_hides_until_it_expires_and_not_longer(stream: list[SafeBatch], house: House) -> None:
    scan = house.at(SCANS[0])
    house.announcer.judge(scan, "noise")
    (notice,) = house.notices()
    until = round((SCANS[1] - HOUR) * SECOND)
    short = Suppression(notice.id, notice.incident, notice.verdict, notice.causes, notice.created, until)
    replayed = play(shard(), stream, [short])
    ids = {one["id"] for one in replayed.fired}
    assert scan not in ids
    assert house.at(SCANS[1]) in ids
