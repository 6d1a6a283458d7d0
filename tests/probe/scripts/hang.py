"""Never trains."""

import sys

if sys.argv[1] == "after":
    import torch  # noqa: F401


def wait_forever():
    while True:
        pass  # here it hangs


wait_forever()
