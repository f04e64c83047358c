"""Watches what a piece of code does to files and to the network, by Python's audit events."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# position of the paths among an event's arguments
_CHANGES = {
    "os.mkdir": (0,),
    "os.rename": (0, 1),
    "os.remove": (0,),
    "os.rmdir": (0,),
    "os.link": (0, 1),
    "os.symlink": (1,),
    "os.chmod": (0,),
    "os.truncate": (0,),
    "os.utime": (0,),
}
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind")


class Watch:
    """What happened while it was on: `changed` files and folders, and `network` events."""

    def __init__(self) -> None:
        self.on = False
        self.changed: set[Path] = set()
        self.network: list[str] = []

    def event(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Python calls this for everything that it does."""
        if not self.on:
            return
        if name in _NETWORK:
            self.network.append(f"{name}{arguments[1:]}")
        elif name == "open":
            path, _, flags = arguments
            if isinstance(path, (str, bytes, os.PathLike)) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self._note(path)
        else:
            for position in _CHANGES.get(name, ()):
                if isinstance(arguments[position], (str, bytes, os.PathLike)):
                    self._note(arguments[position])

    def _note(self, path: Any) -> None:
        changed = Path(os.fsdecode(path))
        self.changed.add(changed.parent.resolve() / changed.name)

    def outside(self, *folders: Path) -> list[Path]:
        """What was changed in none of the folders."""
        allowed = [folder.resolve() for folder in (*folders, Path(os.devnull))]
        return sorted(path for path in self.changed if not any(path.is_relative_to(folder) for folder in allowed))


_WATCH = Watch()
sys.addaudithook(_WATCH.event)  # cannot be taken off again: it is off until it is asked for


@contextlib.contextmanager
def watched() -> Iterator[Watch]:
    """What happens inside the block."""
    _WATCH.changed, _WATCH.network, _WATCH.on = set(), [], True
    try:
        yield _WATCH
    finally:
        _WATCH.on = False
