"""One module per rule of the workflow: each reads files, calls the package and writes files.

The options that several stages share are declared here, with the bounds that ``config.yaml`` has.
"""

from typing import Annotated

import typer

ConfidenceLevel = Annotated[
    float, typer.Option(help="Confidence level of the intervals, e.g. 0.95.", min=0.5, max=0.999)
]
Bootstraps = Annotated[
    int, typer.Option(help="Number of bootstrap resamples for each interval.", min=100)
]
DrawSeed = Annotated[
    int, typer.Option("--seed", help="Seed of all bootstrap resamples and permutations.", min=0)
]
