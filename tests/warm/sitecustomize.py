"""Let a program begin in a copy of a process that has its imports already; see server.py.

Python imports this module before anything else where its folder is on PYTHONPATH. Nothing is done
where no server is named, nor by other programs.
"""

import os
import sys

if "CORTEXLENS_TESTS_SERVER" in os.environ:
    from client import program_of, run_elsewhere

    _program = program_of(sys.orig_argv)
    if _program is not None:
        run_elsewhere(os.environ["CORTEXLENS_TESTS_SERVER"], *_program)
