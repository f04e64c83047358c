"""The image quality of the slice in view."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import slicer

from headless.application import start
from links import link_or_copy
from SpineRootLib.anatomy import CORD, DURA
from SpineRootLib.dataset import Dataset
from SpineRootLib.images import read_image
from SpineRootLib.quality import QualitySettings, look_for_sac, slice_quality

start()
from SpineRootAnnotatorLib.live_quality import LiveQuality  # noqa: E402
from SpineRootAnnotatorLib.session import AnnotationSession  # noqa: E402
from SpineRootAnnotatorLib.settings import Pace  # noqa: E402
from SpineRootAnnotatorLib.work.marks import Mark, Place  # noqa: E402


@pytest.fixture
def dataset(small_phantom, tmp_path):
    link_or_copy(tmp_path / "rawdata", small_phantom / "rawdata")
    shutil.copytree(small_phantom / "derivatives" / "markers", tmp_path / "derivatives" / "markers")
    return tmp_path


@pytest.fixture
def subject(scene, dataset):
    session = AnnotationSession(scene, rescue_folder=dataset / "rescue", pace=Pace(0.0, 0.0, 0.0))
    session.open(dataset, "01", "C")
    session.subject.set_mode("contours")
    yield session.subject
    session.shut_down()


@pytest.fixture
def ciss(dataset):
    return read_image(Dataset.open(dataset).image("01", "CISS"))


def measured(quality):
    """The figures once nothing changes any more."""
    quality.look()
    assert quality.look()
    return quality.current


def test_where_nothing_is_drawn_the_figures_are_those_of_the_sac_in_the_image(subject, ciss):
    subject.go_to(12)
    shown = measured(LiveQuality(subject))
    expected = slice_quality(ciss, None, slices=[12], sac=look_for_sac(ciss))[0]
    assert (shown.slice, shown.foreground) == (12, "sac")
    assert (shown.snr, shown.cnr) == pytest.approx((expected.snr, expected.cnr))


def test_the_dura_that_is_drawn_on_the_slice_is_the_foreground(subject, ciss, dataset):
    subject.go_to(12)
    quality = LiveQuality(subject)
    assert measured(quality).foreground == "sac"
    truth = Dataset.open(dataset).read("01")
    truth.contours = {DURA: truth.contours[DURA], CORD: []}
    truth.roots.clear()
    expected = slice_quality(ciss, truth, slices=[12])[0]
    drawn = next(one for one in truth.contours[DURA] if truth.planes.number(one.points.mean(axis=0))[0] == 12)
    subject.put(Place(DURA, slice=12), Mark.of(drawn.points))
    shown = measured(quality)
    assert shown.foreground == "dura"
    assert shown.snr == pytest.approx(expected.snr)


def test_nothing_is_measured_while_the_annotator_steps(subject):
    quality = LiveQuality(subject)
    for number in range(5, 12):
        subject.go_to(number)
        quality.look()
        assert quality.current is None


def test_figures_of_another_slice_are_not_left_standing(subject):
    quality = LiveQuality(subject)
    subject.go_to(10)
    assert measured(quality).slice == 10
    subject.go_to(11)
    assert quality.look()
    assert quality.current is None


def test_a_slice_below_the_limit_is_low(subject):
    subject.go_to(12)
    figure = measured(LiveQuality(subject))
    lower = min(figure.snr, figure.cnr)
    for limit, low in ((lower + 0.01, True), (lower - 0.01, False)):
        quality = LiveQuality(subject, QualitySettings(limit=limit))
        measured(quality)
        assert quality.is_low is low


def test_an_image_without_a_sac_gives_no_figures(subject):
    volume = subject.volumes["CISS"]
    slicer.util.updateVolumeFromArray(volume, np.full_like(slicer.util.arrayFromVolume(volume), 7))
    subject.go_to(12)
    assert measured(LiveQuality(subject)) is None
