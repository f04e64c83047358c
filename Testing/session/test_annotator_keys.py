"""Which key does what."""

from __future__ import annotations

from SpineRootAnnotatorLib.keys import ACTIONS, MODES, TAKEN, KeyBindings


def test_keys_are_free_in_slicer_and_mean_one_thing_in_each_mode():
    bindings = KeyBindings()
    assert not TAKEN & {action.key for action in ACTIONS}
    for mode in MODES:
        keys = [bindings.key(action) for action in bindings.in_mode(mode)]
        assert len(keys) == len(set(keys)), mode


def test_a_key_can_be_changed_but_not_to_one_in_use():
    bindings = KeyBindings()
    assert bindings.choose("accept", "Return") == ""
    assert bindings.action("Return", "roots").name == "accept"
    assert bindings.action("A", "roots") is None
    assert "Slicer itself" in bindings.choose("propose", "F")
    assert "taken by" in bindings.choose("propose", "D")
    assert KeyBindings(bindings.chosen).action("Return", "roots").name == "accept"
