"""What a dataset asks of its annotators: ``derivatives/spineroot.json``, a JSON object an idea."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from SpineRootLib.errors import DatasetError, SpineRootError
from SpineRootLib.naming import check_label
from SpineRootLib.translation import _

SETTINGS_FILE = "spineroot.json"
_REPEAT_OF = "RepeatOf"


def asked_of(derivatives: Path, key: str) -> dict[str, Any] | None:
    """What the dataset asks for under a key; None where it asks for nothing.

    Raises
    ------
    DatasetError
        if the file cannot be read, or there is no JSON object under the key.
    """
    path = derivatives / SETTINGS_FILE
    if not path.exists():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(_("cannot be read ({reason})").format(reason=error.strerror), path) from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(_("is no whole JSON file ({error})").format(error=error), path) from error
    asked = document.get(key) if isinstance(document, dict) else None
    if asked is not None and not isinstance(asked, dict):
        raise DatasetError(_("'{key}' is no JSON object").format(key=key), path)
    return asked


def check_seed(derivatives: Path, key: str, seed: Any) -> None:
    """See that the seed under a key is one.

    Raises
    ------
    DatasetError
        if it is not.
    """
    if not is_whole(seed):
        fault = _("'{key}' takes a whole number from 0 up as Seed").format(key=key)
        raise DatasetError(fault, derivatives / SETTINGS_FILE)


def is_within(value: Any, most: float) -> bool:
    """Whether something is a number from 0 to the most."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def is_whole(value: Any) -> bool:
    """Whether something is a whole number from 0 up."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def repeat_of(derivatives: Path, annotator: str) -> str | None:
    """Whose annotation an annotator's is a repeat of, as the dataset says: ``{"RepeatOf": {"A2": "A"}}``.

    Raises
    ------
    DatasetError
        if the file is damaged, or names something that is no label.
    """
    asked = asked_of(derivatives, _REPEAT_OF)
    first = None if asked is None else asked.get(annotator)
    if first is None:
        return None
    try:
        check_label(str(first), "annotator")
    except SpineRootError as error:
        raise DatasetError(error.fault, derivatives / SETTINGS_FILE) from None
    return str(first)
