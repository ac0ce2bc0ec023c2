"""What was planned is no incident, what hides behind it is one, and a deploy is one incident with two hypotheses."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge

import pytest
from tests.scenario.story import END, Learned, Shop, Story, play, protected, sequel, shard

from vedette.engine.offers import offers
from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch
from vedette.records.context import EventKind, Notice, PlannedEvent, Suppression, Verdict
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import faulty, shop_visits, slower, surge
from vedette.simulate.model import Visit
from vedette.state.codec import decode, encode

HOUR = 3600.0
RATE = 1.0
SALE_AT, SALE_FOR = END - 2 * HOUR, 1.5 * HOUR
DEPLOY_AT = END - 3 * HOUR


def sale(number: int, start: float, lift: float | None) -> PlannedEvent:
    end = round((start + SALE_FOR) * SECOND)
    return PlannedEvent(f"sale-{number}", EventKind.SALE, "Summer sale", round(start * SECOND), end, ("shop",), lift)


def six_times(shop: Shop, attack: str = "") -> Iterator[SafeBatch]:
    """The last hours, at the end of them a sale with six times the traffic, and perhaps an attack in its midst."""
    traffic = surge(shop.rest(), RATE, 6.0, 99, SALE_AT, SALE_AT + SALE_FOR)
    if not attack:
        return sequel(traffic)
    at = SALE_AT + SALE_FOR / 2
    return sequel(merge(traffic, visits(ATTACKS[attack], at, at + 300.0, 5), key=lambda visit: visit.time))


def test_six_times_the_traffic_is_no_incident_where_a_sale_was_announced(shop: Shop) -> None:
    story = shop.past.then(six_times(shop), [sale(1, SALE_AT, 6.0)])
    assert [one["title"] for one in story.fired] == []


def test_six_times_the_traffic_is_one_where_nothing_was(shop: Shop) -> None:
    story = shop.past.then(six_times(shop))
    assert [one["kind"] for one in story.fired] == [
        "operations"
    ]  # its end, half an hour before the last record, is none
    assert from_rfc3339(story.fired[0]["started_at"]) / SECOND < SALE_AT + 300


def told_late(stream: Sequence[SafeBatch], past: Learned, restart: bool = False) -> Story:
    """Play a stream in which a sale is announced twenty minutes before its end, when it is over."""
    model, story = past.shard(), past.story()
    event = replace(sale(1, SALE_AT, 6.0), end=round((SALE_AT + SALE_FOR + 600) * SECOND))
    announced = False
    for number, batch in enumerate(stream, 1):
        now = not announced and model.extract.watermark.latest > (END - 1200) * SECOND
        announced |= now
        if now and restart:
            fresh = shard()
            fresh.restore(decode(encode(model.snapshot())))
            model = fresh
        story.note(model.step(Chunk(number, None, (batch,), (event,) if now else ())))
    story.note(model.finish())
    return story


def test_a_sale_that_is_announced_when_it_is_over_explains_its_incident_on_any_run_alike(shop: Shop) -> None:
    stream = list(six_times(shop))
    story = told_late(stream, shop.past)
    told = min(story.fired, key=lambda one: str(one["started_at"]))
    assert told["explained"] == "sale “Summer sale”"
    assert told["explanation"]["timeline"][-1]["text"] == "explained by sale “Summer sale”, which was announced later"
    again = told_late(stream, shop.past, restart=True)
    assert json.dumps(story.incidents, sort_keys=True) == json.dumps(again.incidents, sort_keys=True)


def test_an_attack_during_a_sale_that_is_announced_later_is_never_explained(shop: Shop) -> None:
    story = told_late(list(six_times(shop, "sqli")), shop.past)
    attacks = [one for one in story.fired if one["techniques"]]
    assert attacks
    assert [one["explained"] for one in attacks] == [""] * len(attacks)


@pytest.mark.parametrize("attack", ["card_testing", "sqli"])
def test_an_attack_during_a_sale_is_found_and_told_of_alone(shop: Shop, attack: str) -> None:
    story = shop.past.then(six_times(shop, attack), [sale(1, SALE_AT, 6.0)])
    assert [one["kind"] for one in story.fired] == ["security"]
    (incident,) = story.fired
    assert abs(from_rfc3339(incident["started_at"]) / SECOND - (SALE_AT + SALE_FOR / 2)) <= 120
    assert ATTACKS[attack].feature in {part["feature"] for part in incident["explanation"]["contributions"]}
    assert any("Summer sale" in reason for reason in incident["explanation"]["lowered"])


def test_the_lift_of_a_sale_is_learned_from_two_of_its_kind() -> None:
    starts = [END - 25 * HOUR, END - 14 * HOUR, SALE_AT]
    traffic = shop_visits(1.4, RATE, 7, END)
    for number, start in enumerate(starts):
        traffic = surge(traffic, RATE, 3.0, 99 + number, start, start + SALE_FOR)
    notices = [sale(number, start, None) for number, start in enumerate(starts)]
    story = play(shard(), protected(traffic), notices)
    began = [from_rfc3339(one["started_at"]) / SECOND for one in story.fired]
    assert [start for start in began if start >= SALE_AT] == []
    assert len(began) == 2  # the first two, of which nothing was known yet, and which say so
    assert all("not known yet" in " ".join(one["explanation"]["lowered"]) for one in story.fired)


def test_maintenance_excuses_performance_of_its_service_and_no_attack(shop: Shop) -> None:
    at = END - HOUR
    traffic = (faulty(visit, "slow_checkout", at <= visit.time < at + 600.0) for visit in shop.rest())
    attacked = merge(traffic, visits(ATTACKS["login_guessing"], at, at + 300.0, 5), key=lambda visit: visit.time)
    event = PlannedEvent(
        "m1", EventKind.MAINTENANCE, "Database", round((at - 300) * SECOND), round((at + 900) * SECOND), ("shop",)
    )
    story = shop.then(attacked, [event])
    assert [one["kind"] for one in story.fired] == ["security"]


def deployed(shop: Shop, times: float) -> Iterator[Visit]:
    return slower(shop.rest(), times, DEPLOY_AT)


DEPLOY = PlannedEvent(
    "d1", EventKind.DEPLOY, "shop 2.4.0", round(DEPLOY_AT * SECOND), round(DEPLOY_AT * SECOND), ("shop",)
)


def decided(shop: Shop, visits: Iterator[Visit], verdict: Verdict | None) -> Story:
    """Play the last hours, a deploy in them announced; a person judges the open incident an hour after it began."""
    model, story, told = shop.past.shard(), shop.past.story(), verdict is None
    story.note(model.step(Chunk(1, None, (), (DEPLOY,))))
    for number, batch in enumerate(sequel(visits), 2):
        latest, notices = model.extract.watermark.latest, list[Notice]()
        lasting = [one for one in story.fired if one["phase"] == "firing"]
        if not told and lasting and latest > (DEPLOY_AT + HOUR) * SECOND:
            name = lasting[0]["id"]
            notices = [Suppression(name, name, verdict or Verdict.NOISE, (), latest, latest + 86_400 * SECOND)]
            told = True
        story.note(model.step(Chunk(number, None, (batch,), tuple(notices))))
    story.note(model.finish())
    return story


def test_latency_up_by_a_third_at_a_deploy_is_one_incident_with_both_hypotheses_and_stays_open(shop: Shop) -> None:
    story = decided(shop, deployed(shop, 1.3), None)
    assert len(story.fired) == 1
    (incident,) = story.fired
    assert (incident["phase"], incident["kind"]) == ("firing", "performance")
    assert from_rfc3339(incident["updated_at"]) / SECOND > END - 600
    regression, normal = incident["explanation"]["hypotheses"]
    assert "regression since deploy “shop 2.4.0”" in regression
    assert "new normal since deploy “shop 2.4.0”" in normal


def test_accepted_as_the_new_normal_it_closes_and_stays_closed_until_it_is_worse_again(shop: Shop) -> None:
    worse = slower(deployed(shop, 1.3), 1.6, END - 1200)
    story = decided(shop, worse, Verdict.EXPECTED)
    accepted, again = sorted(story.fired, key=lambda one: str(one["started_at"]))
    assert accepted["phase"] == "resolved"
    assert "accepted as the new normal" in accepted["explanation"]["timeline"][-1]["text"]
    assert from_rfc3339(again["started_at"]) / SECOND >= END - 1200


def test_a_deploy_that_changes_nothing_is_no_incident(shop: Shop) -> None:
    assert [one["title"] for one in decided(shop, deployed(shop, 1.0), None).fired] == []


def test_a_restart_in_the_midst_of_a_sale_changes_no_byte() -> None:
    stream: Sequence[SafeBatch] = list(protected(surge(shop_visits(0.3, 1.0, 7, END), 1.0, 4.0, 9, SALE_AT, END)))
    notices = [sale(1, SALE_AT, None), DEPLOY]
    undisturbed = play(shard(), stream, notices)
    assert undisturbed.findings
    model, story = shard(), Story()
    story.note(model.step(Chunk(0, None, (), tuple(notices))))
    for number, batch in enumerate(stream, 1):
        fresh = shard()
        fresh.restore(decode(encode(model.snapshot())))
        model = fresh
        story.note(model.step(Chunk(number, None, (batch,))))
    story.note(model.finish())
    told = [[one.findings, one.incidents] for one in (story, undisturbed)]
    assert json.dumps(told[0], sort_keys=True) == json.dumps(told[1], sort_keys=True)


def test_a_nightly_job_that_nobody_announced_is_offered_and_planned() -> None:
    midnight = END // 86_400 * 86_400
    nights = [midnight - days * 24 * HOUR + 2 * HOUR for days in range(4)]
    traffic = shop_visits(5.0, 0.5, 7, END)
    for number, night in enumerate(reversed(nights)):
        traffic = surge(traffic, 0.5, 20.0, 50 + number, night, night + 900.0)
    model = shard()
    play(model, protected(traffic))
    (offer,) = offers(model.decide.habits(0), [])
    assert (offer.service, offer.days) == ("shop", 1)
    assert offer.times >= 3
    assert abs(offer.start / SECOND - nights[0]) <= 900  # by the last night some of it was learned
    assert "requests" in offer.labels
    (tomorrow,) = offer.planned("Price import", END * SECOND, (END + 86_400) * SECOND)
    assert tomorrow.start / SECOND <= nights[0] + 86_400 <= tomorrow.end / SECOND
    assert offers(model.decide.habits(0), [tomorrow]) == []
