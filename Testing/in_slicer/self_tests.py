"""Run in Slicer by `make test-slicer`: the test classes of the modules named on the command line."""

import faulthandler
import importlib
import os
import sys
import unittest

import slicer

# run.py ends a Slicer that hangs; before that, the log gets to know where it stood
faulthandler.dump_traceback_later(float(os.environ.get("SPINEROOT_SAY_WHERE_AFTER_S", "3600")), file=2)
suite = unittest.TestSuite()
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(getattr(module, f"{name}Test")))
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
failed = len(result.failures) + len(result.errors)
print(f"Slicer {slicer.app.applicationVersion}: {result.testsRun - failed} passed, {failed} failed", flush=True)
slicer.util.exit(1 if failed or not result.testsRun else 0)
