"""One module a rule of the workflow: read files, call the package, write files.

Here stand the options that several stages share, as ``config.yaml`` bounds them.
"""

from typing import Annotated

import typer

Interval = Annotated[
    float, typer.Option(help="Share of intervals that are to hold the truth.", min=0.5, max=0.999)
]
Bootstraps = Annotated[int, typer.Option(help="Draws behind an interval.", min=100)]
DrawSeed = Annotated[int, typer.Option("--seed", help="Of all draws.", min=0)]
