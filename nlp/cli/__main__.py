"""`python -m nlp.cli` is `gongkai`."""

import sys

from nlp.cli import main

if __name__ == "__main__":  # worker processes import this file too
    sys.exit(main())
