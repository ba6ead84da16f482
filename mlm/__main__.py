"""The command line program ``mlm``: done by the fork server of its run if one waits, else here."""

from __future__ import annotations

import sys

from mlm.commands.jobs.handing_over import handed_over


def main() -> None:
    """Run the program on the command line's arguments and end the process."""
    code = handed_over(sys.argv[1:])
    if code is not None:
        raise SystemExit(code)
    from mlm.commands.jobs.leaving import leaving
    from mlm.commands.program import main as here

    leaving(here)


if __name__ == "__main__":
    main()
