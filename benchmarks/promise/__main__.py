"""`python -m benchmarks.promise`."""

import sys

from benchmarks.promise.measure import main

if __name__ == "__main__":
    main(sys.argv[1:])
