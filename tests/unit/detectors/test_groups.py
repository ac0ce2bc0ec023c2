import numpy as np

from vedette.detectors.groups import Groups


def test_those_who_use_the_same_are_of_one_group() -> None:
    rng = np.random.default_rng(1)
    groups = Groups()
    groups.grow(60)
    kind = np.arange(60) % 3
    for _ in range(7):
        entity = np.repeat(np.arange(60), 8)
        own = rng.integers(5, size=len(entity)) + 100 * kind[entity]
        common = rng.integers(3, size=len(entity)) + 1000
        item = np.where(rng.random(len(entity)) < 0.6, own, common)
        pairs = np.unique(np.stack([entity, item]), axis=1)
        groups.learn(pairs[0], pairs[1].astype(np.uint64))
    labels = groups.labels()
    assert len(set(labels.tolist())) == 3
    assert all(len(set(labels[kind == k].tolist())) == 1 for k in range(3))


def test_a_few_entities_are_one_group() -> None:
    groups = Groups()
    groups.grow(5)
    groups.learn(np.arange(5), np.arange(5).astype(np.uint64))
    assert groups.labels().tolist() == [0] * 5
