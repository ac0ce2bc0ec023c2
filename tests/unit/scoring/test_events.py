import json

import pyarrow as pa
from tests.unit.rules.written import ID, correlation, rule, rules_of

from vedette.scoring.events import score_events

SOURCE = {"product": "windows", "service": "security"}
RULES = rules_of(
    rule(1, {"one": {"EventID": 4625}}, logsource=SOURCE, tags=["attack.t1110.001"]),
    rule(2, {"one": {"EventID": 1102}}, logsource=SOURCE, tags=["attack.t1070.001"]),
    correlation(3, "event_count", [ID.format(1)], condition={"gte": 3}),
)


def event(second: int, number: int, **more: object) -> str:
    time = f"2025-01-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
    return json.dumps(
        {"Channel": "Security", "EventID": number, "TimeCreated": time, "Computer": "pc", "user": "x", **more}
    )


def test_findings_name_row_rule_techniques_and_level() -> None:
    lines = [event(0, 4624), "not JSON", "[1]", event(5, 1102), event(6, 4625), event(7, 4625), event(8, 4625)]
    found = score_events(pa.table({"event": lines}), RULES)
    assert found.to_pylist() == [
        {"row": 3, "rule": ID.format(2), "techniques": ["T1070.001", "T1070"], "level": "high"},
        {"row": 6, "rule": ID.format(3), "techniques": [], "level": "medium"},
    ]


def test_a_rule_calls_once_a_shift_and_host_and_keeps_what_else_it_found() -> None:
    lines = [event(0, 1102), event(60, 1102), event(60, 1102, Computer="other"), event(9 * 3600, 1102)]
    levels = score_events(pa.table({"event": lines}), RULES)["level"].to_pylist()
    assert levels == ["high", "informational", "high", "high"]


def test_columns_are_taken_as_fields_where_there_is_no_event() -> None:
    table = pa.table({"Channel": ["Security"], "EventID": [1102]})
    assert score_events(table, RULES)["row"].to_pylist() == [0]


def test_nothing_found_is_an_empty_table_of_the_same_columns() -> None:
    assert score_events(pa.table({"event": []}), RULES).column_names == ["row", "rule", "techniques", "level"]


def test_other_rules_join_the_call_for_a_host_unless_they_are_of_a_higher_level() -> None:
    louder = rules_of(
        *(
            rule(number, {"one": {"EventID": number}}, logsource=SOURCE, level=level)
            for number, level in ((1, "high"), (2, "high"), (3, "critical"), (4, "critical"), (5, "low"))
        )
    )
    lines = [event(second, number) for second, number in enumerate((5, 1, 2, 3, 4, 5))]
    levels = score_events(pa.table({"event": lines}), louder)["level"].to_pylist()
    assert levels == ["low", "high", "medium", "critical", "medium", "informational"]


def test_techniques_are_named_by_the_ids_of_older_releases_too() -> None:
    now = rules_of(rule(1, {"one": {"EventID": 1}}, logsource=SOURCE, tags=["attack.t1685.002"]))
    (found,) = score_events(pa.table({"event": [event(0, 1)]}), now).to_pylist()
    assert found["techniques"][:2] == ["T1685.002", "T1685"]
    assert "T1562.008" in found["techniques"]
