"""``python -m fuzz.run [NAME …] --rounds N --seed S``: mutates a seed of each target; prints what breaks it."""

from __future__ import annotations

import argparse
import random

from fuzz.targets import DECODERS, SEEDS, fuzz_one

MARKS = (b"\0", b"\xff", b'"', b"\\", b"\n", b"{", b"[", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", b"9" * 25)


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """Return the seed with a few bytes changed, cut, doubled or put in."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(5)
        if kind == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at : at + rng.randint(1, 9)]
        elif kind == 2:
            data[at:at] = data[at : at + rng.randint(1, 30)]
        elif kind == 3:
            data[at:at] = rng.choice(MARKS)
        else:
            data = data[:at]
    return bytes(data)


def run(name: str, rounds: int, seed: int) -> None:
    """Fuzz one target; raises what the target raises, with the bytes noted."""
    rng = random.Random(seed)
    for _ in range(rounds):
        data = mutated(SEEDS[name], rng)
        try:
            fuzz_one(name, data)
        except Exception as error:
            error.add_note(f"{name}: {data.hex()}")
            raise


def main() -> None:
    """Fuzz what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.run")
    parser.add_argument("names", nargs="*", default=list(DECODERS))
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in options.names:
        run(name, options.rounds, options.seed)
        print(f"{name}: {options.rounds} rounds, sound")


if __name__ == "__main__":
    main()
