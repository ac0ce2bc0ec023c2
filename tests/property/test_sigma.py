"""Rules as we match them against the same rules as pySigma's SQLite backend runs them."""

from __future__ import annotations

import sqlite3
from typing import Any

import pyarrow as pa
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

from vedette.rules.match import Matcher
from vedette.rules.model import Source
from vedette.rules.parse import parse
from vedette.rules.routes import Route, Routes

FIELDS = ("Image", "User", "Line")
EVERY = Routes([Route((), (), (), (Source("any"),), ())])
TEXT = st.text(st.sampled_from("aB.\\-/ 1"), min_size=1, max_size=5)
PLAIN = st.text(st.sampled_from("aB.-/ 1"), min_size=1, max_size=5).filter(lambda text: text.strip())
VALUE = st.one_of(
    st.none(), st.text(st.sampled_from("aAbB.\\-/ 1"), max_size=9), st.sampled_from(["-a", "/a", "1", "11"])
)
MODIFIERS = st.sampled_from(
    ["", "|contains", "|startswith", "|endswith", "|contains|all", "|contains|windash", "|re", "|cased", "|exists",
     "|fieldref", "|base64offset|contains", "|neq"]
)  # fmt: skip


def rule_of(condition: str, selections: dict[str, Any]) -> str:
    return yaml.safe_dump(
        {
            "title": "made up",
            "id": "11111111-1111-4111-8111-111111111111",
            "logsource": {"product": "any"},
            "detection": {**selections, "condition": condition},
            "level": "low",
        }
    )


@st.composite
def item(draw: Any) -> dict[str, Any]:
    name, modifier = draw(st.sampled_from(FIELDS)), draw(MODIFIERS)
    if modifier == "|exists":
        return {name + modifier: draw(st.booleans())}
    if modifier == "|fieldref":
        return {name + modifier: draw(st.sampled_from([one for one in FIELDS if one != name]))}
    if modifier == "|re":
        return {name + modifier: draw(st.sampled_from(["a+", "^a.b", "[aB]{2}", "1$", "a|B1", "(?i)ab", "-.*/"]))}
    if modifier in ("|base64offset|contains", "|contains|windash"):
        return {name + modifier: draw(st.lists(PLAIN, min_size=1, max_size=3))}
    wild = st.builds("{}{}{}".format, PLAIN, st.sampled_from(["*", "?", "*?"]), PLAIN)
    values = draw(st.lists(st.one_of(PLAIN, PLAIN, wild), min_size=1, max_size=4))
    if modifier == "":
        values = draw(st.sampled_from([values, None, "", 1, values[0]]))
    return {name + modifier: values}


@st.composite
def selection(draw: Any) -> Any:
    maps = draw(st.lists(st.lists(item(), min_size=1, max_size=3), min_size=1, max_size=3))
    made = [{name: value for one in items for name, value in one.items()} for items in maps]
    return made[0] if len(made) == 1 else made


CONDITIONS = st.sampled_from(
    ["one", "not one", "one and two", "one or two", "one and not two", "not (one and two)", "1 of them", "all of them",
     "not 1 of t* and one", "(one or not two) and three", "one and (two or three) and not (two and three)"]
)  # fmt: skip


def by_sqlite(rule: str, events: list[tuple[str | None, ...]]) -> set[int]:
    base = sqlite3.connect(":memory:")
    base.create_function("REGEXP", 2, lambda pattern, text: text is not None and searched(pattern, text))
    base.execute(f"CREATE TABLE logs ({', '.join(f'{name} TEXT COLLATE NOCASE' for name in FIELDS)})")
    base.executemany(f"INSERT INTO logs VALUES ({', '.join('?' for _ in FIELDS)})", events)
    found: set[int] = set()
    for query in sqliteBackend().convert(SigmaCollection.from_yaml(rule)):
        found |= {row - 1 for (row,) in base.execute(query.replace("SELECT *", "SELECT rowid", 1))}
    return found


def searched(pattern: str, text: str) -> bool:
    import re

    return re.search(pattern, text) is not None


@settings(deadline=None, max_examples=250)
@given(
    st.lists(selection(), min_size=3, max_size=3),
    CONDITIONS,
    st.lists(st.tuples(*[VALUE] * len(FIELDS)), min_size=1, max_size=12),
)
def test_every_rule_matches_what_sqlite_says(
    selections: list[Any], condition: str, events: list[tuple[str | None, ...]]
) -> None:
    rule = rule_of(condition, dict(zip(("one", "two", "three"), selections, strict=True)))
    rules = parse({"made.yml": rule})
    assert rules.problems == ()
    columns = pa.table(
        {name: pa.array([event[place] for event in events], pa.string()) for place, name in enumerate(FIELDS)}
    )
    found = set(Matcher(rules, EVERY).match(columns).rows.tolist())
    assert found == by_sqlite(rule, events)
