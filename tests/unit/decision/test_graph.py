from vedette.decision.graph import MEMORY, CallGraph
from vedette.records.call import Call
from vedette.records.segment import Segment

WEB, CART, ORDERS, STOCK, MAIL = (Segment("", name, "") for name in ("web", "cart", "orders", "stock", "mail"))
WAYS = (Call(WEB, CART), Call(WEB, ORDERS), Call(CART, STOCK), Call(ORDERS, STOCK), Call(STOCK, CART))


def graph() -> CallGraph:
    found = CallGraph()
    found.learn(0, WAYS)
    return found


def test_services_are_related_by_what_lies_below_both() -> None:
    assert graph().related(CART, ORDERS)
    assert graph().related(WEB, STOCK)
    assert graph().related(MAIL, MAIL)
    assert not graph().related(WEB, MAIL)


def test_a_circle_of_calls_ends() -> None:
    assert graph().below(CART) == {CART, STOCK}
    assert graph().path(STOCK, WEB) == ()


def test_a_path_is_a_shortest_one() -> None:
    assert graph().path(WEB, STOCK) in ((WEB, CART, STOCK), (WEB, ORDERS, STOCK))
    assert graph().path(WEB, WEB) == (WEB,)


def test_a_way_that_is_no_longer_used_is_forgotten() -> None:
    found = graph()
    found.learn(MEMORY, [Call(WEB, MAIL)])
    assert found.related(WEB, MAIL)
    found.learn(MEMORY + 1, [Call(WEB, MAIL)])
    assert found.below(WEB) == {WEB, MAIL}


def test_a_snapshot_goes_on_where_it_left() -> None:
    other = CallGraph()
    other.restore(graph().snapshot())
    assert other.snapshot() == graph().snapshot()
    assert other.below(WEB) == graph().below(WEB)
