"""The self-test of the Annotator's panel: what must stay in sight, the page of keys, and a panel that is broken."""

from __future__ import annotations

import logging
from typing import Any

import qt
import slicer
from mouse_and_keys import pause, press, press_key, wait_for

from SpineRootAnnotatorLib.changes import Change
from SpineRootAnnotatorLib.work.autosave import FileConflict

_SMALL = (1366, 768)  # the screen of a laptop
_SHARE = 0.4  # of its width, which a panel takes at most: the views need the rest
_LARGE = 1.5  # of fonts, times their usual size
_CONTRAST = 4.5  # of letters and what is behind them: WCAG 2.1, level AA


def look_at_panel(case: Any, panel: Any) -> None:
    """Try the parts of a panel with an open subject; `case` is the unittest case."""
    _keep_the_head_in_sight(case, panel)
    _fit_a_narrow_screen(case, panel)
    fit_large_fonts(case, panel.ui, ("subject", "work", "review", "finish"))
    be_read_in_the_dark(case, panel.ui)
    _tell_of_another_image(case, panel)
    _show_a_conflict(case, panel)
    _show_the_keys(case, panel)
    survive_a_broken_panel(case, panel)


def press_with_nothing_chosen(case: Any, panel: Any) -> None:
    """Whoever presses a button before anything is chosen reads what to choose."""
    ui, session = panel.ui, panel.session
    ui.datasetPath.currentPath = ui.annotatorEdit.text = ""
    press(ui.openButton)
    case.assertEqual(session.message, "Choose the dataset's folder first.")
    press(ui.queueNextButton)
    case.assertEqual(session.message, "Choose the table of the queue first.")
    press(ui.previewButton)
    case.assertEqual(ui.importLabel.text, "Choose the folder with the DICOM files first.")


def _keep_the_head_in_sight(case: Any, panel: Any) -> None:
    """Title, modes, state and message are seen on a small screen, whatever is opened and scrolled below."""
    ui, window = panel.ui, slicer.util.mainWindow()
    size = window.size
    window.resize(*_SMALL)
    sections = (ui.subjectSection, ui.reviewSection, ui.finishSection)
    for section in sections:
        section.collapsed = False
    pause()
    bar = ui.sectionsArea.verticalScrollBar()
    bar.setValue(bar.maximum)
    pause()
    for widget in (ui.titleLabel, ui.rootsButton, ui.saveLabel, ui.messageLabel):
        case.assertFalse(widget.visibleRegion().isEmpty(), widget.objectName)
        case.assertEqual(widget.visibleRegion().boundingRect().height(), widget.height, widget.objectName)
    case.assertTrue(ui.messageLabel.text, "there is always a sentence")
    for section in sections:
        section.collapsed = True
    window.resize(size)
    pause()


def _fit_a_narrow_screen(case: Any, panel: Any) -> None:
    """Where three views beside each other are too wide, the coronal one stands below the two that are linked."""
    settings = panel.session.settings
    kept, settings.is_narrow = settings.is_narrow, lambda: True
    press(panel.ui.rootsButton)
    press(panel.ui.gangliaButton)
    pause()
    coronal, dess, t2 = (slicer.app.layoutManager().sliceWidget(name) for name in ("Green", "DESS", "Yellow"))
    corner = qt.QPoint(0, 0)
    case.assertEqual(dess.mapToGlobal(corner).y(), t2.mapToGlobal(corner).y())
    case.assertGreater(coronal.mapToGlobal(corner).y(), dess.mapToGlobal(corner).y())
    settings.is_narrow = kept
    press(panel.ui.rootsButton)
    press(panel.ui.gangliaButton)
    pause()


def fit_large_fonts(case: Any, ui: Any, names: tuple[str, ...]) -> None:
    """With fonts of 150 % on a small screen no section has to be scrolled sideways, and the head stays in sight.

    Parameters
    ----------
    names : of the sections, as in ``subjectSection``.
    """
    window, font, size = slicer.util.mainWindow(), slicer.app.font(), slicer.util.mainWindow().size
    sections = [getattr(ui, f"{name}Section") for name in names]
    was_collapsed, least = [section.collapsed for section in sections], ui.sectionsArea.minimumWidth
    large = qt.QFont(font)
    large.setPointSizeF(_LARGE * font.pointSizeF())
    slicer.app.setFont(large)
    window.resize(*_SMALL)
    try:
        for section in sections:
            for each in sections:
                each.collapsed = each is not section
            pause(0.2)
            ui.sectionsWidget.layout().activate()
            bar = ui.sectionsArea.verticalScrollBar().sizeHint.width()
            needed = ui.sectionsWidget.minimumSizeHint.width() + bar
            case.assertLessEqual(needed, _SHARE * _SMALL[0], section.objectName)
            case.assertEqual(ui.messageLabel.visibleRegion().boundingRect().height(), ui.messageLabel.height)
    finally:
        slicer.app.setFont(font)
        ui.sectionsArea.setMinimumWidth(least)
        for section, collapsed in zip(sections, was_collapsed, strict=True):
            section.collapsed = collapsed
        window.resize(size)
        pause()


def be_read_in_the_dark(case: Any, ui: Any) -> None:
    """Under a dark theme every word of the panel stands out from what is behind it."""
    kept = slicer.app.palette()
    slicer.app.setPalette(_dark_palette())
    pause(0.2)
    try:
        for name in vars(ui):
            widget = getattr(ui, name)
            if widget.isWidgetType() and widget.visible and getattr(widget, "text", "") and widget.enabled:
                colors = (widget.palette.color(role) for role in (widget.foregroundRole(), widget.backgroundRole()))
                case.assertGreater(_contrast(*colors), _CONTRAST, name)
    finally:
        slicer.app.setPalette(kept)
        pause(0.2)


def _dark_palette() -> Any:
    """Light words on dark grey, as Slicer's own dark style has them."""
    palette = qt.QPalette()
    light, dark = qt.QColor(240, 240, 240), qt.QColor(50, 50, 50)
    for role in (qt.QPalette.WindowText, qt.QPalette.Text, qt.QPalette.ButtonText):
        palette.setColor(role, light)
    for role in (qt.QPalette.Window, qt.QPalette.Base, qt.QPalette.Button, qt.QPalette.AlternateBase):
        palette.setColor(role, dark)
    return palette


def _contrast(one: Any, other: Any) -> float:
    """How far apart in lightness two colours are, from 1 to 21 (WCAG 2.1)."""
    light, dark = sorted((_lightness(one), _lightness(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _lightness(color: Any) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _tell_of_another_image(case: Any, panel: Any) -> None:
    """It is said until it is mended, by the button beside the sentence."""
    ui, subject = panel.ui, panel.session.subject
    press(ui.rootsButton)
    pause()
    case.assertFalse(ui.alarmLabel.visible, ui.alarmLabel.text)
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    composite.SetBackgroundVolumeID(subject.volumes["DESS"].GetID())
    case.assertTrue(wait_for(lambda: ui.alarmLabel.visible))
    press_key("D")
    case.assertTrue(ui.alarmLabel.visible, "no key takes it away")
    press(ui.mendButton)
    case.assertTrue(wait_for(lambda: not ui.alarmLabel.visible))
    press_key("E")
    press(ui.gangliaButton)
    pause()


def _show_a_conflict(case: Any, panel: Any) -> None:
    """What somebody else changed is decided where the work is, with everything else collapsed."""
    ui, session = panel.ui, panel.session
    ours = session.subject.work.folder / "sub-01_dura_7.json"
    case.assertFalse(ui.conflictsWidget.visible)
    session.conflicts.append(FileConflict(ours, ours.with_suffix(".theirs")))
    session.changes.tell(Change.OTHERS)
    case.assertTrue(ui.conflictsWidget.visible)
    case.assertTrue(ui.takeTheirsButton.enabled)
    case.assertIn("Somebody else changed files of yours", ui.alarmLabel.text)
    session.conflicts.clear()
    session.changes.tell(Change.OTHERS)
    case.assertFalse(ui.conflictsWidget.visible)
    case.assertFalse(ui.alarmLabel.visible)


def _show_the_keys(case: Any, panel: Any) -> None:
    """The page comes and goes by its key, and shows the keys of the mode."""
    page = panel.keys
    press_key("?")
    case.assertTrue(page.window.visible)
    case.assertEqual(page.table.rowCount, len(panel.session.actions()))
    press_key("?")
    case.assertFalse(page.window.visible)


def survive_a_broken_panel(case: Any, panel: Any) -> None:
    """A fault in `setup` is shown; the module can be entered, left and reloaded all the same."""
    name = type(panel).__name__
    broken_type = type(name, (type(panel),), {"_put_together": _raise})
    parent = slicer.qMRMLWidget()
    parent.setLayout(qt.QVBoxLayout())
    parent.setMRMLScene(slicer.mrmlScene)
    logging.disable(logging.CRITICAL)  # the planted fault is no failure of the test
    try:
        broken = broken_type(parent)
        broken.setup()
    finally:
        logging.disable(logging.NOTSET)
    shown = [label.text for label in slicer.util.findChildren(parent, className="QLabel")]
    case.assertTrue(any("planted" in text for text in shown), shown)
    broken.enter()
    broken.exit()
    broken.cleanup()
    case.assertTrue(panel.session.is_open, "the panel beside it is left alone")


def _raise(_self: Any) -> None:
    raise ValueError("planted")
