"""How sentences of the domain are told in the panel."""

from __future__ import annotations

import time

import pytest

from SpineRootLib.clock import local
from SpineRootLib.errors import DatasetError


def test_the_folder_that_is_missing_is_named_last(session, tmp_path):
    with pytest.raises(DatasetError):
        session.progress(tmp_path / "none", "A")
    session.say(f"{tmp_path / 'none'}: there is no such folder")
    assert session.message == f"There is no such folder. ({tmp_path / 'none'})"


def test_a_moment_is_told_as_the_clock_on_the_wall_shows_it(monkeypatch):
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone cannot be set on this system")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert local("2026-01-01T09:00:00+00:00") == "2026-01-01 10:00"
        assert local("long ago") == "long ago"
    finally:
        monkeypatch.undo()
        time.tzset()
