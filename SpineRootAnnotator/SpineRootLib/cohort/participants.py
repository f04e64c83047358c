"""Who annotated a subject, as the tables of agreement have it beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_document(path: Path, unread: list[str]) -> dict[str, Any]:
    """A JSON object; an empty one where it cannot be read or is none, and then its name is added to `unread`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        unread.append(path.name)
        return {}
    return document


def read_annotators(path: Path, unread: list[str]) -> list[dict[str, Any]] | None:
    """The annotators that ``sub-XX_agreement.json`` names; None where it names none."""
    annotators = read_document(path, unread).get("Annotators")
    return [each for each in annotators if isinstance(each, dict)] if isinstance(annotators, list) else None
