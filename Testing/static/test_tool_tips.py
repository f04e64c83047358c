"""Everything in the Annotator's panel says what it is for when the pointer rests on it."""

from __future__ import annotations

from xml.etree import ElementTree

from sources import ROOT

PANEL = ROOT / "SpineRootAnnotator" / "Resources" / "UI" / "SpineRootAnnotator.ui"


def test_every_widget_of_the_panel_has_a_tool_tip():
    widgets = ElementTree.parse(PANEL).getroot().iter("widget")
    bare = [each.get("name") for each in widgets if each.find("property[@name='toolTip']") is None]
    assert bare == ["SpineRootAnnotator"], "the panel itself needs none"
