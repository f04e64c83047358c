"""However long a sentence is, a panel is no wider for it: the views beside it would jump."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from sources import ROOT


@pytest.mark.parametrize("module", ["SpineRootAnnotator", "SpineRootModeler"])
def test_a_sentence_that_is_broken_into_lines_asks_for_no_width(module):
    panel = ElementTree.parse(ROOT / module / "Resources" / "UI" / f"{module}.ui").getroot()
    labels = [each for each in panel.iter("widget") if each.find("property[@name='wordWrap']/bool") is not None]
    sentences = [each for each in labels if each.find("property[@name='wordWrap']/bool").text == "true"]
    wide = [each.get("name") for each in sentences if each.find(".//sizepolicy[@hsizetype='Ignored']") is None]
    assert len(sentences) > 4
    assert wide == []
