"""A finding is compared with few open episodes, and joins the one that it would have joined of all."""

import numpy as np
from tests.unit.decision.test_lifecycle import MINUTE, finding, window

from vedette.decision.correlate import belongs
from vedette.decision.episode import Episode
from vedette.decision.graph import CallGraph
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.near import Near
from vedette.records.call import Call
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Phase
from vedette.records.segment import Segment

SERVICES = [Segment("prod", f"s{number:02}", "") for number in range(24)]
MANY = 600


def graph_of(rng: np.random.Generator) -> CallGraph:
    graph = CallGraph()
    pairs = rng.integers(0, len(SERVICES), (14, 2))
    graph.learn(0, [Call(SERVICES[low], SERVICES[high]) for low, high in pairs.tolist() if low < high])
    return graph


def any_finding(rng: np.random.Generator, minute: int) -> Finding:
    place = SERVICES[int(rng.integers(len(SERVICES)))]
    segment = Segment(place.environment, place.service, str(rng.choice(["", "GET /a", "GET /b"])))
    day = bool(rng.random() < 0.1)
    return finding(
        minute,
        segment,
        kind=Kind.SECURITY if rng.random() < 0.3 else Kind.PERFORMANCE,
        entities=(f"user u_{rng.integers(6)}",) if rng.random() < 0.5 else (),
        start=(minute - 1440 * day) * MINUTE,
    )


def test_it_joins_what_it_would_have_joined_of_all() -> None:
    joined = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        graph, episodes = graph_of(rng), list[Episode]()
        near = Near(episodes, graph)
        for number in range(80):
            found = any_finding(rng, number // 4)
            mine = [one for one in near.of(found, MINUTE) if belongs(found, one, MINUTE, graph.related)]
            assert mine == [one for one in episodes if belongs(found, one, MINUTE, graph.related)]
            joined += bool(mine)
            episode = mine[0] if mine else Episode(found.start, found.segment)
            episodes += [] if mine else [episode]
            episode.add(found)
            near.note(episode, found.segment.whole)
            if number % 20 == 19:
                near = Near(episodes, graph)
    assert 0.2 < joined / (40 * 80) < 0.98


def test_few_are_compared_where_hundreds_of_services_deviate_at_once() -> None:
    wide = [Segment("prod", f"service-{number}", "") for number in range(MANY)]
    near = Near((Episode(0, place) for place in wide), CallGraph())
    assert [[one.seed for one in near.of(finding(1, place), MINUTE)] for place in wide] == [[place] for place in wide]
    life = Lifecycle(Rules(15 * MINUTE))
    for minute in range(2):
        told = life.step(window(minute), [finding(minute, place, kind=Kind.SECURITY) for place in wide])
    assert len(told) == MANY
    assert {one.phase for one in told} == {Phase.FIRING}
