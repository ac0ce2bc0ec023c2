"""An attack of hours is not the usual afterwards: its end is no trouble, and it is found when it comes again."""

from collections.abc import Iterator
from heapq import merge

import pytest
from tests.scenario.story import DAY, END, Learned, Story, play, protected

from vedette.decision.suppress import causes_of
from vedette.records.context import Confirmation
from vedette.records.document import finding_from_document
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import shop_visits
from vedette.simulate.model import Visit

HOUR = 3600.0
OVER, AGAIN = END + 3 * HOUR, END + 7 * HOUR
REST = END + 5 * HOUR
NEW_FORM = "POST /checkout: requests are built in a way not seen before"


def shop(start: float, end: float, attack: str) -> Iterator[Visit]:
    """Yield the shop's visits from one time to another: a day, three hours of an attack, later ten minutes of it."""
    ordinary = shop_visits(1.0 + 10 / 24, 0.5, 7, END + 10 * HOUR)
    attacks = [visits(ATTACKS[attack], END, OVER, 5), visits(ATTACKS[attack], AGAIN, AGAIN + 600, 5)]
    whole = merge(ordinary, *attacks, key=lambda visit: visit.time)
    return (visit for visit in whole if start <= visit.time < end)


@pytest.fixture(scope="module")
def yesterday() -> Learned:
    return Learned(protected(shop(0.0, END, "scan")))


def first_told(story: Story, since: float) -> list[tuple[float, str]]:
    """Return when, and under which title, each incident began at or after a time."""
    fired = [(from_rfc3339(str(one["started_at"])) / SECOND, str(one["title"])) for one in story.fired]
    return sorted(one for one in fired if one[0] >= since)


@pytest.mark.parametrize("attack", ["scan", "card_testing", "sqli"])
def test_its_end_is_no_trouble_and_its_return_is_found(yesterday: Learned, attack: str) -> None:
    past = yesterday.longer(protected(shop(END, REST, attack)))
    ((began, _),) = first_told(past.story(), END - DAY)
    assert began - END <= 120
    story = past.then(protected(shop(REST, END + 10 * HOUR, attack)))
    ((again, _),) = first_told(story, began + 60)
    assert 0 <= again - AGAIN <= 180


def test_what_was_judged_real_is_told_again_as_what_it_is(yesterday: Learned) -> None:
    past = yesterday.longer(protected(shop(END, REST, "sqli")))
    before = past.story()
    (incident,) = before.fired
    assert str(incident["title"]).startswith(NEW_FORM)
    parts = [finding_from_document(one) for one in before.findings if one["id"] in before.linked[str(incident["id"])]]
    kinds = tuple(cause for cause in causes_of(parts) if cause.item)
    verdict = Confirmation(str(incident["id"]), kinds, 2 * round(END * SECOND))
    later = list(protected(shop(REST, END + 10 * HOUR, "sqli")))
    (_, without), (_, judged) = (
        first_told(play(past.shard(), later, notices, past.story()), REST)[0] for notices in ([], [verdict])
    )
    assert not without.startswith(NEW_FORM)
    assert judged.startswith(NEW_FORM)
