"""The Navigator's layer, read back by MITRE's own library."""

from __future__ import annotations

import json

from tests.oracles.navigator import read_layer

from vedette.notify.navigator import COLORS, MOST_NAMED, By, Claim, layer
from vedette.records.attack import builtin
from vedette.records.feature import CATALOG


def test_the_layer_is_one_for_mitres_own_library() -> None:
    claims = [Claim(one.technique, By.DETECTOR, one.name) for one in CATALOG.values() if one.technique]
    made = layer(builtin(), [*claims, Claim("T1505.003", By.RULE, "webshell"), Claim("T1110", By.INCIDENT, "d8a1")])
    loaded = read_layer(json.dumps(made))
    assert loaded is not None
    scores = {one["techniqueID"]: one["score"] for one in loaded["techniques"]}
    assert set(scores) == {one.technique for one in claims} | {"T1505.003"}
    assert scores["T1110"] == 2
    versions = loaded["versions"]
    assert (loaded["domain"], versions["attack"], versions["layer"]) == ("enterprise-attack", "19", "4.5")
    assert loaded["gradient"] == made["gradient"]


def test_mitres_library_refuses_what_is_no_technique() -> None:
    """So that the test above can fail."""
    made = layer(builtin(), [Claim("T1110", By.RULE, "x")])
    made["techniques"][0]["techniqueID"] = "brute force"
    assert read_layer(json.dumps(made)) is None


def test_a_technique_scores_by_the_sorts_of_reasons_that_it_has() -> None:
    made = layer(builtin(), [Claim("T1190", by, f"{by} {number}") for by in By for number in range(3)])
    (row,) = made["techniques"]
    assert row["score"] == len(By) == len(COLORS)
    assert row["metadata"] == [{"name": by.value, "value": "3"} for by in By]


def test_a_revoked_id_counts_for_its_successor_and_nonsense_for_nothing() -> None:
    made = layer(builtin(), [Claim("T1562.001", By.RULE, "old"), Claim("<script>", By.INCIDENT, "x")])
    assert [row["techniqueID"] for row in made["techniques"]] == ["T1685"]


def test_many_reasons_are_counted_and_the_first_are_named() -> None:
    made = layer(builtin(), [Claim("T1190", By.RULE, f"rule {number:02}") for number in range(MOST_NAMED + 5)])
    comment = made["techniques"][0]["comment"]
    assert comment.startswith("rules: rule 00, rule 01")
    assert comment.endswith("rule 09 and 5 more")


def test_nothing_claimed_is_an_empty_layer() -> None:
    loaded = read_layer(json.dumps(layer(builtin(), [])), strict=False)
    assert loaded is not None
    assert not loaded.get("techniques")
