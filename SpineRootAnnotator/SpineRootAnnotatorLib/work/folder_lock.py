"""A lock file: two people, or one in two windows, are not to work on the same annotator's subject unawares."""

from __future__ import annotations

import getpass
import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

# A holder on another machine that has not shown itself for so long is gone.
STALE_AFTER_S = 300.0


@dataclass(frozen=True)
class Holder:
    """Who holds a lock."""

    user: str
    host: str
    process: int
    since: str

    @classmethod
    def here(cls) -> Holder:
        """This process."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            user = "unknown"
        return cls(user, socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))


class FolderLock:
    """The lock of one subject in one annotator's folder.

    Parameters
    ----------
    path : the lock file.
    """

    def __init__(self, path: Path):
        self.path = path
        self.held = False
        self.taken_by: Holder | None = None

    def acquire(self, by_force: bool = False) -> Holder | None:
        """Take the lock; the answer is who holds it instead, None when it is ours.

        Raises
        ------
        OSError
            if the folder cannot be written.
        """
        other = None if by_force else self.holder()
        if other is not None:
            return other
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:  # somebody was faster by a moment
            return self.holder()
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(Holder.here()), stream)
        self.held, self.taken_by = True, None
        return None

    def holder(self) -> Holder | None:
        """Who else holds the lock; None if nobody does, or the one who did is gone."""
        try:
            holder = Holder(**json.loads(self.path.read_text(encoding="utf-8")))
            age = time.time() - self.path.stat().st_mtime
        except (OSError, ValueError, TypeError):
            return None
        ours = Holder.here()
        if holder.host == ours.host and holder.process == ours.process:
            return None
        # os.kill with 0 asks on POSIX and ends the process on Windows
        if holder.host == ours.host and os.name == "posix":
            return holder if _is_running(holder.process) else None
        return holder if age < STALE_AFTER_S else None

    def refresh(self) -> None:
        """Show that we are still here; `taken_by` is who took the lock from us, if somebody did."""
        if not self.held:
            return
        other = self.holder()
        if other is not None:
            self.held, self.taken_by = False, other
            return
        try:
            os.utime(self.path)
        except OSError:
            self.held = self.path.exists()

    def release(self) -> None:
        """Give the lock back, unless somebody took it from us."""
        if self.held and self.holder() is not None:
            self.held = False
        if self.held:
            self.held = False
            try:
                self.path.unlink(missing_ok=True)
            except OSError:
                return


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
