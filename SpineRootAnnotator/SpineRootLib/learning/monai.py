"""The list of cases as MONAI's Auto3DSeg reads it, beside an exported data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from SpineRootLib.atomic import write_text
from SpineRootLib.learning.nnunet import ENDING, TRAINING, Exported


def write_datalist(out: Path, exported: Exported, channels: int = 1) -> Path:
    """Write ``datalist.json``: ``training`` with a fold each, and ``testing``; paths start at the data set's folder."""
    document: dict[str, list[dict[str, Any]]] = {"training": [], "testing": []}
    for case in exported.cases:
        kind = "Tr" if case["set"] == TRAINING else "Ts"
        images = [f"images{kind}/{case['case']}_{number:04d}{ENDING}" for number in range(channels)]
        entry = {"image": images if channels > 1 else images[0], "label": f"labels{kind}/{case['case']}{ENDING}"}
        if case["set"] == TRAINING:
            document["training"].append({**entry, "fold": case["fold"]})
        else:
            document["testing"].append(entry)
    return write_text(out / "datalist.json", json.dumps(document, indent=2) + "\n")
