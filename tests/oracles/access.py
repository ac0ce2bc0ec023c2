"""Access-log lines by one plain regular expression."""

import re
from datetime import datetime

LINE = re.compile(
    r"(?:(?P<host>[^ \[]*) )?(?P<client>[^ \[]*) (?P<ident>[^ \[]*) (?P<user>[^ \[]*) \[(?P<time>[^\]]{26})\] "
    r'"(?P<request>(?:\\.|[^\\"]|"(?! (?:\d{3}|-)(?: |$)))*?)" (?P<status>\d{3}|-) (?P<size>\d+|-)'
    r'(?: "(?P<referer>(?:\\.|[^\\"]|"(?! |$))*)"(?: "(?P<agent>(?:\\.|[^\\"]|"(?! |$))*)")?)?(?P<rest>(?: .*)?)',
    re.DOTALL,
)


def parse(line: str) -> dict[str, object] | None:
    """Return client, user, method, target, status, size, agent and time (s), or None."""
    match = LINE.fullmatch(line)
    if match is None:
        return None
    try:
        moment = datetime.strptime(match["time"], "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        return None
    method, _, rest = match["request"].partition(" ")
    head, _, last = rest.rpartition(" ")
    target = head if re.match(r"H...\/", last) and head else rest
    return {
        "client": match["client"],
        "user": None if match["user"] == "-" else match["user"],
        "method": method,
        "target": target or None,
        "status": None if match["status"] == "-" else int(match["status"]),
        "size": None if match["size"] == "-" else int(match["size"]),
        "agent": None if match["agent"] in (None, "-") else match["agent"],
        "time": int(moment.timestamp()),
    }
