"""`python -m benchmarks.dispatch`."""

import sys

from benchmarks.dispatch.measure import main

main(sys.argv[1:])
