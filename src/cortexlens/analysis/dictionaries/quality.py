"""What sparse autoencoders are worth, one row each."""

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
# Keys of a report → type; null where a number is not known.
REPORTED: Final[dict[str, Wanted]] = {
    name: str if name in _TEXT else (int, float, type(None)) for name in COLUMNS
}


def quality_table(reports: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """``sae_quality.tsv``: a row an autoencoder, in the order given.

    Parameters
    ----------
    reports
        As ``sae.json`` holds them.

    Returns
    -------
    pd.DataFrame
        With :data:`COLUMNS`. ``explained`` and ``recovered`` are of test pictures, and so are
        those of ``components`` principal components; ``recovered`` is missing where the network's
        last token does not depend on what was replaced. ``dead`` is the part of the units that were
        not active on any token of the last pass, ``inactive_on_test`` on any test token.
    """
    return pd.DataFrame([[report[name] for name in COLUMNS] for report in reports], columns=COLUMNS)
