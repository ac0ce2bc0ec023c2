import pytest

from vedette.errors import BadInput
from vedette.indicators.model import Kind
from vedette.indicators.values import kind_of, normal


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.ADDRESS, "45.9.148.1", "45.9.148.1"),
        (Kind.ADDRESS, "45.9.148.1:443", "45.9.148.1"),
        (Kind.ADDRESS, "[2a02:6b8::1]:443", "2a02:6b8::1"),
        (Kind.ADDRESS, "45[.]9[.]148[.]1/24", "45.9.148.0/24"),
        (Kind.ADDRESS, "::ffff:45.9.148.1", "45.9.148.1"),
        (Kind.ADDRESS, "2A02:06B8:0::1", "2a02:6b8::1"),
        (Kind.DOMAIN, "*.Bad[.]Example.", "bad.example"),
        (Kind.DOMAIN, "bücher.example", "xn--bcher-kva.example"),
        (Kind.URL, "hxxps://Bad.Example:443/A?b#c", "https://bad.example/A?b"),
        (Kind.URL, "http://[2a02:6b8::1]:8080", "http://[2a02:6b8::1]:8080/"),
        (Kind.HASH, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
        (Kind.EMAIL, "Eve[@]Bad.Example", "eve@bad.example"),
        (Kind.PROCESS, "C:\\Temp\\Bad.EXE", "bad.exe"),
        (Kind.AGENT, "Bad Agent/1.0", "bad agent/1.0"),
    ],
)
def test_values_become_as_events_are_compared_with_them(kind: Kind, text: str, value: str) -> None:
    assert normal(kind, text) == value
    assert normal(kind, value) == value


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (Kind.ADDRESS, "999.9.148.1", "999.9.148.1"),
        (Kind.ADDRESS, "0.0.0.0/0", "/8 or longer"),
        (Kind.ADDRESS, "2000::/3", "/19 or longer"),
        (Kind.ADDRESS, "10.1.2.3", "--reserved"),
        (Kind.ADDRESS, "192.0.2.0/24", "documentation"),
        (Kind.ADDRESS, "127.0.0.1", "special range"),
        (Kind.ADDRESS, "fe80::1", "special range"),
        (Kind.DOMAIN, "com", "two labels"),
        (Kind.DOMAIN, "-bad.example", "-bad.example"),
        (Kind.URL, "bad.example/a", "scheme://"),
        (Kind.URL, "http://bad.example:99999/", "scheme://"),
        (Kind.HASH, "d41d8", "32, 40 or 64"),
        (Kind.EMAIL, "bad.example", "name@domain"),
        (Kind.AGENT, "", "1 to 2048"),
        (Kind.AGENT, "x" * 3000, "1 to 2048"),
    ],
)
def test_what_is_no_value_or_would_match_too_much_is_refused_in_words(kind: Kind, text: str, said: str) -> None:
    with pytest.raises(BadInput, match="got") as refused:
        normal(kind, text)
    assert said in str(refused.value)


def test_special_ranges_are_taken_when_asked_for_and_broad_ones_never() -> None:
    assert normal(Kind.ADDRESS, "10.1.2.3", reserved=True) == "10.1.2.3"
    with pytest.raises(BadInput, match="/8"):
        normal(Kind.ADDRESS, "0.0.0.0/1", reserved=True)


def test_what_looks_like_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="'two words'"):
        kind_of("two words")
