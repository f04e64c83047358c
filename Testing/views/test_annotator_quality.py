"""The panel follows the slice that the annotator turns to by Slicer's own ways."""

from __future__ import annotations

from headless.application import start

start()
from SpineRootAnnotatorLib.changes import Change  # noqa: E402
from SpineRootAnnotatorLib.live_quality import LiveQuality  # noqa: E402


def turned(annotator, dataset, slices):
    """An open subject in whose view the slice was moved by the view's slider, 2 mm a slice."""
    annotator.open(dataset)
    annotator.press("2")
    annotator.go_to(10)
    node = annotator.subject.view.node
    node.SetSliceOffset(node.GetSliceOffset() - 2.0 * slices)
    return annotator.subject


def test_the_panel_is_told_of_a_slice_that_the_slider_shows(annotator, dataset):
    turned(annotator, dataset, 0)
    told = []
    tell = lambda: told.append(annotator.subject.mode.title)  # noqa: E731
    annotator.session.changes.connect(tell, Change.SLICE)
    node = annotator.subject.view.node
    node.SetSliceOffset(node.GetSliceOffset() - 6.0)
    annotator.session.tick()
    annotator.session.changes.disconnect(tell)
    assert annotator.subject.number == 13
    assert told == ["dura, slice 13"]


def test_the_quality_is_that_of_the_slice_that_the_slider_shows(annotator, dataset):
    quality = LiveQuality(turned(annotator, dataset, 4))
    quality.look()
    assert quality.look()
    assert quality.current.slice == annotator.subject.number == 14
