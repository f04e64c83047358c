"""What can be written of surfaces can be asked for in the panel."""

from __future__ import annotations

import re
from pathlib import Path

from SpineRootLib.surfaces.files import FORMATS

PANEL = Path(__file__).resolve().parents[2] / "SpineRootModeler" / "Resources" / "UI" / "SpineRootModeler.ui"


def test_the_export_has_a_box_for_each_format_and_no_other():
    boxes = re.findall(r'class="QCheckBox" name="(vt\w|\w{3})CheckBox"', PANEL.read_text(encoding="utf-8"))
    assert sorted(boxes) == sorted(FORMATS)
