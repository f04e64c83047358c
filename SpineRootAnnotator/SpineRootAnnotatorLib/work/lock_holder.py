"""Who holds a lock: somebody in a process on a machine, told from the same process number on any other."""

from __future__ import annotations

import getpass
import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

from SpineRootLib.clock import now


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Parameters
    ----------
    machine : the boot of the machine and the space of process numbers, which a container has of its own; empty where
        the system does not tell.
    started : when the process started, in the system's own count: numbers of processes are used again.
    token : one for each time that a lock is taken.
    """

    user: str
    host: str
    process: int
    since: str
    machine: str = ""
    started: str = ""
    token: str = ""

    @classmethod
    def here(cls) -> Holder:
        """This process, now."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):  # a container's user without a name
            user = "unknown"
        process = os.getpid()
        return cls(user, socket.gethostname(), process, now(), _machine(), _started(process), uuid.uuid4().hex)

    @classmethod
    def parse(cls, text: bytes) -> Holder | None:
        """The holder that a lock file names; None for what names nobody."""
        try:
            said = json.loads(text.decode("utf-8"))
            known = {each.name: said[each.name] for each in fields(cls) if each.name in said}
            holder = cls(**known)
        except (ValueError, TypeError, RecursionError):
            return None
        words = (value for name, value in known.items() if name != "process")
        is_one = isinstance(holder.process, int) and all(isinstance(word, str) for word in words)
        return holder if is_one else None

    def text(self) -> bytes:
        """What a lock file says."""
        return json.dumps(asdict(self)).encode("utf-8")

    @property
    def is_on_this_machine(self) -> bool:
        """Whether its process number means something here."""
        return self.host == socket.gethostname() and self.machine == _machine() and bool(self.machine)

    @property
    def is_this_process(self) -> bool:
        """Whether it is a process of this number here, started when this one was."""
        return self.is_on_this_machine and self.process == os.getpid() and self.started == _started(self.process)

    @property
    def is_running(self) -> bool:
        """Whether the process still runs; only to be asked on its own machine."""
        try:
            os.kill(self.process, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        return self.started == _started(self.process)


@cache
def _machine() -> str:
    """As above; os.kill with 0, which asks on POSIX, ends the process on Windows: there nothing is told."""
    if os.name != "posix":
        return ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # no Linux: the host's name must do
        return "posix"


def _started(process: int) -> str:
    """When a process started, in ticks since boot; empty where the system does not tell.

    Field 22 of /proc/PID/stat, proc(5); the second, the program's name, may hold spaces and brackets.
    """
    try:
        return (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    except (OSError, IndexError):
        return ""
