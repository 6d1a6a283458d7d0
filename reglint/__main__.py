"""`python -m reglint` is `reglint`."""

import sys

from reglint.cli import main

if __name__ == "__main__":
    sys.exit(main())
