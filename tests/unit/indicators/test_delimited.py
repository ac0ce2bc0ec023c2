import pytest

from vedette.errors import BadInput
from vedette.indicators import delimited
from vedette.indicators.delimited import Choices, read
from vedette.indicators.model import END, UNKNOWN, Kind
from vedette.records.time import SECOND, from_rfc3339

DAY = 86_400 * SECOND
FEODO = """################
# Feodo Tracker  #
################
first_seen_utc,dst_ip,dst_port,c2_status,last_online,malware
2026-01-02 03:04:05,45.9.148.1,443,online,2026-11-20,Emotet
2026-01-02 03:04:05,45.9.148.2,443,offline,,Pikabot
# END 2 entries
"""
URLHAUS = """# URLhaus
# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
"7","2026-11-01 00:00:00","http://bad-site.net/a?b=1,2","online","","malware_download","elf,T1105","https://urlhaus.abuse.ch/url/7/","x"
"""
THREATFOX = """# "first_seen_utc","ioc_id","ioc_value","ioc_type","malware_printable","confidence_level","tags"
"2026-11-01 00:00:00", "1", "45.9.148.3:8080", "ip:port", "Cobalt Strike", "75", "T1071.001,cs"
"2026-11-01 00:00:00", "2", "d41d8cd98f00b204e9800998ecf8427e", "md5_hash", "Unknown", "20", ""
"2026-11-01 00:00:00", "3", "some mutex", "mutex", "x", "20", ""
"""
MISP = """uuid,event_id,category,type,value,comment,to_ids,date
u1,1,Network activity,domain|ip,bad-site.net|45.9.148.4,,1,20261101
u2,1,Payload delivery,filename|sha1,a.exe|da39a3ee5e6b4b0d3255bfef95601890afd80709,,1,20261101
u3,1,Network activity,ip-dst,45.9.148.5,,0,20261101
"""


def values(text: str, **said: object) -> list[tuple[Kind, str]]:
    return [(one.kind, one.value) for one in read(text, "x.csv", Choices(**said)).found]


def test_feodo() -> None:
    found = read(FEODO, "x.csv", Choices(level="high"))
    assert [(one.value, one.label, one.level, one.confidence) for one in found.found] == [
        ("45.9.148.1", "Emotet", "high", UNKNOWN),
        ("45.9.148.2", "Pikabot", "high", UNKNOWN),
    ]
    assert not found.faults


def test_urlhaus_has_its_header_in_a_comment_and_commas_in_its_urls() -> None:
    (one,) = read(URLHAUS, "x.csv", Choices()).found
    assert (one.kind, one.value, one.techniques) == (Kind.URL, "http://bad-site.net/a?b=1,2", ("T1105",))
    assert (one.label, one.reference) == ("malware_download", "https://urlhaus.abuse.ch/url/7/")


def test_threatfox_gives_confidence_and_so_the_level_and_types_that_are_not_looked_up_are_counted() -> None:
    found = read(THREATFOX, "x.csv", Choices(level="critical"))
    assert [(one.value, one.level, one.confidence, one.label, one.techniques) for one in found.found] == [
        ("45.9.148.3", "high", 75, "Cobalt Strike", ("T1071.001",)),
        ("d41d8cd98f00b204e9800998ecf8427e", "informational", 20, "", ()),
    ]
    assert found.passed == {"type 'mutex', which is not looked up": 1}


def test_misp_pairs_are_taken_apart_and_what_is_not_for_detection_is_passed_over() -> None:
    found = read(MISP, "x.csv", Choices())
    assert [(one.kind, one.value) for one in found.found] == [
        (Kind.DOMAIN, "bad-site.net"),
        (Kind.HASH, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ]
    assert found.passed == {"not meant for detection (to_ids)": 1}


def test_a_plain_list_has_a_value_a_line() -> None:
    text = "; Spamhaus DROP\n1.10.16.0/20 ; SBL1\n\n# x\nbad-site.net\nhxxp://evil[.]com/\n"
    assert values(text) == [
        (Kind.ADDRESS, "1.10.16.0/20"),
        (Kind.DOMAIN, "bad-site.net"),
        (Kind.URL, "http://evil.com/"),
    ]


def test_our_own_columns_say_all_there_is_to_say() -> None:
    text = (
        "type,value,description,severity,confidence,valid_from,valid_until,technique,reference\n"
        "user-agent,Evil/1.0,a loader,critical,high,2026-01-01,2026-02-01T00:00:00+01:00,t1071.001,https://x.example/1\n"
        "process-name,/tmp/evil,,,,,,,\n"
    )
    agent, process = read(text, "x.csv", Choices()).found
    assert (agent.kind, agent.value, agent.level, agent.confidence) == (Kind.AGENT, "evil/1.0", "critical", 85)
    assert (agent.since, agent.until) == (from_rfc3339("2026-01-01"), from_rfc3339("2026-01-31T23:00:00"))
    assert (process.kind, process.value, process.level, process.until) == (Kind.PROCESS, "evil", "medium", END)


def test_what_has_no_end_is_valid_for_the_time_that_the_operator_says_from_when_it_was_seen_last() -> None:
    first, second = read(FEODO, "x.csv", Choices(lasting=30 * DAY, now=5)).found
    assert first.until == from_rfc3339("2026-11-20") + 30 * DAY
    assert second.until == 30 * DAY + 5


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("999.1.1.1,,,", "x.csv:3: bad_indicator: got '999.1.1.1'"),
        ("45.9.148.1,101,,", "got '101', expected 0 to 100"),
        ("45.9.148.1,50,soon,", "got 'soon', expected such as 2026-01-31"),
        (
            "45.9.148.1,50,2026-02-01,2026-01-01",
            "bad_validity: got an end of 2026-01-01, expected one after 2026-02-01",
        ),
        ("0.0.0.0/0,,,", "range_too_broad"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_costs_no_other(row: str, said: str) -> None:
    text = f"value,confidence,valid_from,valid_until\n45.9.148.1,,,\n{row}\n45.9.148.2,,,\n"
    found = read(text, "x.csv", Choices())
    assert [one.value for one in found.found] == ["45.9.148.1", "45.9.148.2"]
    (fault,) = found.faults
    assert said in str(fault)
    assert str(fault).startswith("x.csv:3: ")


def test_a_short_row_an_open_quote_and_an_endless_field_are_named() -> None:
    found = read(f'value,type,x\n45.9.148.1,ip\nb\n,ip\n"{"y" * 70_000}",ip\n"open', "x.csv", Choices())
    assert [one.value for one in found.found] == ["45.9.148.1"]
    assert [str(one).partition(": ")[0] for one in found.faults] == ["x.csv:3", "x.csv:5", "x.csv:6"]
    assert found.passed == {"no value": 1}


def test_a_list_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LARGEST", 100)
    with pytest.raises(BadInput, match="101 characters, expected 100"):
        read("x" * 101, "x.csv", Choices())
