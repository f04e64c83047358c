"""Run in Slicer by `make test-slicer`: the test classes of the modules named on the command line."""

import faulthandler
import importlib
import os
import sys
import traceback
import unittest

import slicer

# What a button's reaction raises ends in Slicer's log and nowhere else; here it is a fault of the test.
unseen = []


def remember(*raised):
    """Keep what nobody caught."""
    unseen.append("".join(traceback.format_exception(*raised)))
    sys.__excepthook__(*raised)


sys.excepthook = remember
# run.py ends a Slicer that hangs; before that, the log gets to know where it stood
faulthandler.dump_traceback_later(float(os.environ.get("SPINEROOT_SAY_WHERE_AFTER_S", "3600")), file=2)
suite = unittest.TestSuite()
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(getattr(module, f"{name}Test")))
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
broken = len(result.failures) + len(result.errors)
for text in unseen:
    print(f"Raised in a reaction, where nobody caught it:\n{text}", flush=True)
failed = broken + len(unseen)
print(f"Slicer {slicer.app.applicationVersion}: {result.testsRun - broken} passed, {failed} failed", flush=True)
slicer.util.exit(1 if failed or not result.testsRun else 0)
