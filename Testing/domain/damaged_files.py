"""Damages files at random: their bytes, or the values of a JSON document that stays one."""

from __future__ import annotations

import copy
import random
from typing import Any

WORDS = (b"\x00", b"\xff\xfe", b"NaN", b"-Infinity", b"1e999", b"[", b"{", b'"', b"\\u", b"\n\n", b"\t", b"null", b"-1")
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1e300, -1e300, 1e-300, 2**63, 10**400, 0.5, float("nan"), float("inf")),
    *("", "x", "L1_L", "../../x", "\x00", "é" * 50, "1e5"),
    *([], {}, [[]], [{}], [1, 2, 3], {"a": {}}, [None] * 3, ["a", "b", "c"]),
)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A file whose bytes were cut, turned, dropped, doubled or filled in at up to four places."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 4, 30, 400)))
        kind = chance.randrange(5)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            data[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
        elif kind == 2:
            del data[at:end]
        elif kind == 3:
            data[at:at] = data[at:end]
        else:
            data[at:at] = chance.choice(WORDS)
    return bytes(data)


def distorted(document: Any, chance: random.Random) -> Any:
    """A document in which up to three values are others, are gone, or are there twice."""
    changed = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(changed))
        if not places:
            break
        holder, key = chance.choice(places)
        kind = chance.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
    return changed


def _places(value: Any) -> Any:
    """Every container and key in a document, from the top down."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from _places(inner)
