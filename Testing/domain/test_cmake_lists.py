from __future__ import annotations

import pytest

from cmake_lists import MODULES, ROOT, listed, resources, scripts


@pytest.mark.parametrize("module", MODULES)
def test_every_file_of_a_module_is_shipped(module):
    text = (ROOT / module / "CMakeLists.txt").read_text(encoding="utf-8")
    fix = "run `python Testing/cmake_lists.py`"
    assert sorted(listed(text, "MODULE_PYTHON_SCRIPTS")) == sorted(["${MODULE_NAME}.py", *scripts(ROOT / module)]), fix
    assert sorted(listed(text, "MODULE_PYTHON_RESOURCES")) == resources(ROOT / module), fix
