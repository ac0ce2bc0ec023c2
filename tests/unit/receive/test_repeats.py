from vedette.receive.repeats import Notification, Repeats


def told(repeats: Repeats, *identities: str, durable: bool = True) -> list[str]:
    notification = Notification(repeats)
    fresh = [one for one in identities if notification.is_new(one)]
    assert notification.repeated == len(identities) - len(fresh)
    if durable:
        notification.take()
    return fresh


def test_each_alert_is_new_once() -> None:
    repeats = Repeats()
    assert told(repeats, "a", "b", "a") == ["a", "b"]
    assert told(repeats, "a", "c") == ["c"]


def test_what_did_not_become_durable_is_new_again() -> None:
    repeats = Repeats()
    assert told(repeats, "a", durable=False) == ["a"]
    assert told(repeats, "a") == ["a"]


def test_the_latest_are_remembered() -> None:
    repeats = Repeats(2)
    told(repeats, "a", "b")
    told(repeats, "c")
    assert [one in repeats for one in "abc"] == [False, True, True]
