"""`python -m SpineRootLib`: the command line without an installed entry point."""

import sys

from SpineRootLib.commands import main

if __name__ == "__main__":
    sys.exit(main())
