"""How a panel tells what the domain says: as a sentence that begins with what is wrong and ends with where."""

from __future__ import annotations

import re

from SpineRootLib.errors import SpineRootError

# a path with which a sentence of the domain begins
_PATH_FIRST = re.compile(r"((?:/|[A-Za-z]:[\\/]|\\\\).+?): (.+)", re.DOTALL)
# how the names of subjects begin, which are written as they are
_LABEL = "sub-"


def path_last(text: str) -> str:
    """A sentence that begins with a file's path, with the path at its end: what is wrong is read first."""
    found = _PATH_FIRST.fullmatch(text)
    return text if found is None else f"{sentence(found[2])} ({found[1]})"


def sentence(text: str) -> str:
    """What the domain says in lower case and without a full stop, as a sentence."""
    first = text[:1] if text.startswith(_LABEL) else text[:1].upper()
    return text and first + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def for_panel(fault: SpineRootError | str) -> str:
    """What is wrong, as a panel tells it: a sentence, what to do there, the path last; no options of commands."""
    if isinstance(fault, str):
        return path_last(fault) if _PATH_FIRST.fullmatch(fault) else sentence(fault)
    told = sentence(f"{fault.fault}: {fault.in_panel}" if fault.in_panel else fault.fault)
    return f"{told} ({fault.named})" if fault.named else told
