"""What the kernel does not suspect, no pattern matches: `mask` equals trying every pattern on every text."""

from functools import partial, reduce

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.privacy.find import PATTERNS, _replaced, _without_cards, mask

WORDS = """
    a@b.org a%40b.example.com eyJhbGciOiJ.IUzI1NiJ9aa bearer Basic xyzzy123 AKIA1234567890ABCDEF ghp_
    abcdefghij0123456789 xoxb-12345678901 -----BEGIN PRIVATE KEY----- password passphrase pwd token api-key apikey
    api_key authorization is = : " ' 01:23:45:67:89:ab 01-23-45-67-89-ab 1.2.3.4 999.1.1.1 :: ::1 2001:db8::1 fe80:
    1:2:3:4:5:6:7:8 GB29 NWBK 6016 1331 078-05-1120 +49 170 5550123 +1(212)5550123 4111111111111111 4111 1111
    378282246310005 4111-1111-1111-1111 0 7 12 123 é ü _ . - / % @ + order path=/api/v1/users/77123 000000000001869f
"""
PIECES = st.sampled_from(sorted(set(WORDS.split())))
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12).flatmap(
    lambda parts: st.sampled_from(["", " ", "-", "_", ":"]).map(lambda joint: joint.join(parts))
)


def oracle(texts: list[str]) -> list[str]:
    """Return the texts with every pattern tried on every one."""
    changed = reduce(lambda column, sort: partial(_replaced, sort[1])(column), PATTERNS, pa.array(texts, pa.string()))
    return [str(text) for text in _without_cards(changed).to_pylist()]


@given(st.lists(TEXTS, min_size=1, max_size=8))
@example(["card 4111 1111 1111 1111", "4111111111111111", "x4111111111111111", "mac 01-23-45-67-89-AB"])
@example(["ghp_abcdefghij0123456789", "GHO_x gho_abcdefghij0123456789", "xoxb-12345678901", "my_ASIA1234567890ABCDEF"])
@example(["passphrase: hunter2", "API_KEY=abcdef", "Authorization: abc", "k=+4917012345678", "GB29NWBK60161331926819"])
def test_mask_is_the_patterns_on_everything(texts: list[str]) -> None:
    assert mask(pa.array(texts, pa.string())).to_pylist() == oracle(texts)
