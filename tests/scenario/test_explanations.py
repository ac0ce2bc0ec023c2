"""Laws of explanations: shares sum to 100 %, what would have given no finding gives none, the cause comes first."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import cycle, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scenario.replayed import MINUTE, Edit, Past, Sequel, bounded, with_number, without_item, without_marks
from tests.scenario.story import END, Shop, Story, sequel

from vedette.decision.levels import MEASURED
from vedette.detectors.course_watch import BUCKET
from vedette.records.document import Document
from vedette.records.observation import Direction, Quantity, Series
from vedette.records.time import from_rfc3339
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import faulty
from vedette.simulate.model import PAGES, Page, Traffic, Visit

LEARNED = END - 4800
"""Until when is learned, s; eighty minutes follow."""
START = LEARNED // 60 * MINUTE
AT = LEARNED + 1200.0
FOR = 300.0
FAULTS = {
    "slow": ("latency_p50_seconds", "latency_p95_seconds"),
    "failing": ("error_ratio",),
    "missing": ("missing_ratio",),
    "crowded": ("requests",),
}
"""Faults of one route, and the numbers that they change by themselves."""
TEN_MINUTES = range(START + 20 * MINUTE, START + 30 * MINUTE)
READS_LIKE_CODE = "/search?q=1'+UNION+SELECT+name,+password+FROM+users--"


@pytest.fixture(scope="module")
def past(shop: Shop) -> Past:
    return Past(shop.past.longer(sequel(visit for visit in shop.rest() if visit.time < LEARNED)))


@pytest.fixture(scope="module")
def quiet(past: Past) -> Sequel:
    return past.then(ordinary())


def ordinary(seed: int = 8) -> list[Visit]:
    return list(Traffic(1.0, seed).between(LEARNED, END))


def attacked(name: str) -> list[Visit]:
    """Return the sequel with an attack of five minutes in it."""
    changed = [faulty(one, name, AT <= one.time < AT + FOR) for one in ordinary()]
    return in_order([*changed, *visits(ATTACKS[name], AT, AT + FOR, seed=4)])


def in_order(stream: Iterable[Visit]) -> list[Visit]:
    return sorted(stream, key=lambda one: one.time)


def broken(name: str, page: Page, seed: int) -> list[Visit]:
    """Return the sequel with a fault of one route in it, for five minutes."""
    stream = ordinary(seed)
    mine = [one for one in stream if one.route == page.route and AT <= one.time < AT + FOR]
    if name == "crowded":
        others = cycle(one.client for one in ordinary(seed + 1))
        more = (replace(one, time=one.time + 0.01, client=next(others), user="") for one in mine for _ in range(7))
        return in_order([*stream, *more])
    if name == "slow":
        return [replace(one, takes=6 * one.takes) if one in mine else one for one in stream]
    failed = {"failing": 500, "missing": 404}[name]
    return [replace(one, status=failed) if one in mine[::2] else one for one in stream]


def injected(series: Series, factor: float) -> Callable[[float], float]:
    """Return what a fault makes of a number; a share grows by as much of what is left to one."""
    if series.quantity is Quantity.RATIO:
        return lambda value: value + (1.0 - value) * (1.0 - 1.0 / factor)
    if series.quantity in (Quantity.COUNT, Quantity.DISTINCT):
        return lambda value: float(round(value * factor + (factor if factor > 1 else 0)))
    return lambda value: value * factor


def check_shares(story: Story) -> None:
    for incident in story.incidents.values():
        shares = [part["share"] for part in incident["explanation"]["contributions"]]
        assert sum(shares) == pytest.approx(100.0, abs=1.0)
        assert min(shares) >= 0.0


def findings_of(story: Story, segment: str, feature: str, item: str = "") -> list[Document]:
    return [one for one in story.findings if (one["segment"], one["feature"], one["item"]) == (segment, feature, item)]


def is_up(finding: Document) -> bool:
    return bool(finding["actual"] >= finding["expected"])


def same_side(findings: list[Document]) -> list[Document]:
    """Return the findings on the side of the first: after what lasted, its end may be odd, too."""
    return [one for one in findings if is_up(one) == is_up(findings[0])]


def tightest(findings: list[Document]) -> Document:
    """Return the finding whose bound keeps all of them."""
    return (min if is_up(findings[0]) else max)(findings, key=lambda one: one["counterfactual"])


def starts_of(findings: list[Document]) -> set[int]:
    """Return the beginnings of all windows that findings are of: a course's finding is of those of five minutes."""
    spans = [(from_rfc3339(one["end"]), BUCKET if one["detector"] == "ensemble" else MINUTE) for one in findings]
    return {window for end, span in spans for window in range(end - span, end, MINUTE)}


@settings(max_examples=50, derandomize=True)
@given(data=st.data())
def test_a_number_kept_to_its_counterfactual_gives_no_finding(quiet: Sequel, data: st.DataObject) -> None:
    slot = data.draw(st.sampled_from(quiet.past.ready))
    series = quiet.series[slot]
    downward = series.direction is not Direction.UP and data.draw(st.booleans())
    factor = 1.0 / data.draw(st.sampled_from([5.0, 50.0])) if downward else data.draw(st.floats(1.5, 40.0))
    begin = START + data.draw(st.integers(20, 45)) * MINUTE
    fault = with_number(slot, injected(series, factor), range(begin, begin + data.draw(st.integers(1, 30)) * MINUTE))
    story = quiet.again(fault)
    check_shares(story)
    mine = same_side(findings_of(story, str(series.segment), series.feature))
    if mine:
        again = quiet.again(fault, bounded(slot, tightest(mine), starts_of(mine)))
        assert not starts_of(mine) & starts_of(findings_of(again, str(series.segment), series.feature))


@pytest.fixture(scope="module")
def faults(quiet: Sequel) -> list[tuple[int, Edit, Story]]:
    """Each number that is judged, eight times as much for ten minutes: its series, the edit and what was told."""
    made = []
    for slot in quiet.past.ready:
        edit = with_number(slot, injected(quiet.series[slot], 8.0), TEN_MINUTES)
        made.append((slot, edit, quiet.again(edit)))
    return made


def test_the_injected_number_comes_first(quiet: Sequel, faults: list[tuple[int, Edit, Story]]) -> None:
    first = []
    for slot, _, story in faults:
        check_shares(story)
        named = str(quiet.series[slot].segment), quiet.series[slot].feature
        for incident in story.fired:
            top = incident["explanation"]["contributions"][0]
            first.append((top["segment"], top["feature"]) == named)
    assert len(first) >= 60
    assert sum(first) >= 0.9 * len(first)


def test_the_counterfactual_may_last_and_what_lies_beyond_it_may_not(
    quiet: Sequel, faults: list[tuple[int, Edit, Story]]
) -> None:
    """Bounds that are far too low would give no finding either."""
    kept, told = [], []
    for slot, edit, story in faults:
        named = str(quiet.series[slot].segment), quiet.series[slot].feature
        mine = same_side(findings_of(story, *named))
        if not mine:
            continue
        bound = tightest(mine)
        kept.append(not findings_of(quiet.again(edit, bounded(slot, bound, TEN_MINUTES)), *named))
        beyond = bound["expected"] + 2.0 * (bound["counterfactual"] - bound["expected"])
        told.append(bool(findings_of(quiet.again(with_number(slot, lambda _, at=beyond: at, TEN_MINUTES)), *named)))
    assert len(kept) >= 60
    assert sum(kept) >= 0.95 * len(kept)
    assert sum(told) >= 0.8 * len(told)


def test_the_number_that_a_fault_changes_comes_first(past: Past) -> None:
    first = []
    for seed, (name, features) in product((8, 9), FAULTS.items()):
        for page in PAGES:
            for incident in past.then(broken(name, page, seed)).again().fired:
                top = incident["explanation"]["contributions"][0]
                first.append(top["feature"] in features)
    assert len(first) >= 30
    assert sum(first) >= 0.9 * len(first)


@pytest.mark.parametrize("name", ATTACKS)
def test_what_an_incident_names_is_not_found_without_it(past: Past, name: str) -> None:
    sequel = past.then(attacked(name))
    story = sequel.again()
    check_shares(story)
    (incident,) = story.fired
    parts = {(one["segment"], one["feature"], one["item"]): one for one in story.findings}
    assert len(parts) >= len(incident["explanation"]["contributions"])
    for part, one in parts.items():
        mine = same_side(findings_of(story, *part))
        if one["detector"] in MEASURED:
            edit = bounded(sequel.slot(one), tightest(mine), starts_of(mine))
        else:
            edit = without_item(one["item"]) if one["detector"] == "novelty" else without_marks
        assert not starts_of(mine) & starts_of(findings_of(sequel.again(edit), *part)), part


def test_what_reads_like_code_is_not_found_without_it(past: Past) -> None:
    odd = [Visit(AT + n, "GET", "/search", READS_LIKE_CODE, "203.0.113.7", "", 0.05, 200) for n in range(20)]
    sequel = past.then(in_order([*ordinary(), *odd]))
    story = sequel.again()
    check_shares(story)
    assert [one for one in story.findings if one["feature"] == "reading"]
    assert not [one for one in sequel.again(without_marks).findings if one["feature"] == "reading"]
