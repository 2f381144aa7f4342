"""Table of the quality of sparse autoencoders."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from cortexlens.storage.json_files import Wanted

COLUMNS: Final = (
    *("backbone", "layer", "sae_seed", "tokens", "activation", "channels", "units"),
    *("training_images", "training_tokens", "test_images", "test_tokens"),
    *("explained", "recovered", "l0", "target_l0", "dead", "inactive_on_test"),
    *("components", "components_explained", "components_recovered", "recovered_images"),
    "seconds",
)
_TEXT: Final = ("backbone", "layer", "tokens", "activation")
# Key of a report → type; null if a number is not known.
REPORTED: Final[dict[str, Wanted]] = {
    name: str if name in _TEXT else (int, float, type(None)) for name in COLUMNS
}


def quality_table(reports: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """``sae_quality.tsv``: one row per autoencoder, in the order given.

    Parameters
    ----------
    reports
        Contents of the files ``sae.json``.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`. ``explained`` and ``recovered`` are measured on test images, as are
        those of ``components`` principal components; ``recovered`` is missing if the network's last
        token does not depend on what was replaced. ``dead`` is the share of units not active on any
        token of the last pass, ``inactive_on_test`` of those not active on any test token.
    """
    return pd.DataFrame([[report[name] for name in COLUMNS] for report in reports], columns=COLUMNS)
