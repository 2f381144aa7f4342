"""What a network still knows of the study's image labels: linear probes before and after."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from scipy import special

from cortexlens.analysis.finetuning.pairs import WHOSE, Origin, Pair, pairs
from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.shapes import SPLIT_NAMES, TEST, TRAIN, VALIDATION

COLUMNS: Final = (
    *(*WHOSE, "n_classes", "n_train", "n_validation", "n_test", "accuracy_commonest"),
    *(f"accuracy_{when}{end}" for when in ("before", "after") for end in ("", "_low", "_high")),
    *("accuracy_change", "accuracy_change_low", "accuracy_change_high", "n_lost", "n_gained"),
    *("penalty_before", "penalty_after"),
)
# Inverse penalties to choose from on validation images, the strongest penalty first.
STRENGTHS: Final = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_STEPS: Final = 5000


class Labelled(NamedTuple):
    """Labels and split of images.

    Attributes
    ----------
    label
        Label of each image; empty if it has none.
    split
        Part of each image, by the codes of :mod:`cortexlens.shapes`.
    """

    label: list[str]
    split: Int[np.ndarray, " image"]

    def part(self, code: int) -> Int[np.ndarray, " chosen"]:
        """Rows of the labelled images of a part."""
        known = np.array([bool(label) for label in self.label])
        return np.flatnonzero(known & (self.split == code))


class Probe(NamedTuple):
    """Result of a linear probe.

    Attributes
    ----------
    right
        Whether each labelled test image was classified correctly.
    penalty
        Inverse of the penalty that was chosen.
    """

    right: Bool[np.ndarray, " image"]
    penalty: float


def probe(tokens: Float[np.ndarray, "image channel"], labelled: Labelled) -> Probe:
    """Train a linear probe: multinomial logistic regression on standardised tokens.

    Parameters
    ----------
    tokens
        Tokens of all images; images without a label are left out.
    labelled
        Labels and split. The penalty is chosen on validation images; of equally good ones, the
        strongest.

    Raises
    ------
    CortexlensError
        If the training images have fewer than two labels, or a part has no labelled image.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parts = _parts(labelled)
    (x, y), validation, test = (
        (tokens[rows].astype(np.float64), np.array([labelled.label[row] for row in rows]))
        for rows in parts
    )
    best, found = -1.0, Probe(np.zeros(0, bool), float("nan"))
    for strength in STRENGTHS:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=_STEPS))
        model.fit(x, y)
        score = float(model.score(*validation))
        if score > best:
            best, found = score, Probe(np.asarray(model.predict(test[0]) == test[1]), strength)
    return found


def _parts(labelled: Labelled) -> list[Int[np.ndarray, " chosen"]]:
    parts = [labelled.part(code) for code in (TRAIN, VALIDATION, TEST)]
    counts = ", ".join(f"{len(rows)} {name}" for rows, name in zip(parts, SPLIT_NAMES, strict=True))
    classes = {labelled.label[row] for row in parts[TRAIN]}
    if len(classes) < 2 or not all(map(len, parts)):
        raise CortexlensError(
            f"found {counts} images with a label, and {len(classes)} labels to learn; a probe "
            "needs images in each part and two labels. Fill the column label of "
            "images.tsv, or leave it out."
        )
    return parts


def forgetting_table(
    tokens: Mapping[tuple[str, str], tuple[Float[np.ndarray, "image _"], Labelled]],
    derived: dict[str, Origin],
    confidence_level: float,
) -> pd.DataFrame:
    """``finetune_forgetting.tsv``: probes of each fine-tuned network and of its base.

    Parameters
    ----------
    tokens
        Network and subject → global tokens of the last layer, and the labels of the images.
    derived
        Fine-tuned network → its origin.
    confidence_level
        Confidence level of the intervals.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`; no rows if ``tokens`` is empty.
    """
    probes: dict[tuple[str, ...], tuple[Labelled, Probe]] = {
        key: (labelled, probe(values, labelled))
        for key, (values, labelled) in track(list(tokens.items()), "networks probed")
    }
    rows = [_row(pair, confidence_level) for pair in pairs(probes, derived)] if probes else []
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(pair: Pair[tuple[Labelled, Probe]], confidence_level: float) -> dict[str, object]:
    (labelled, before), (_, after) = pair.before, pair.after
    parts = _parts(labelled)
    learnt, tested = ([labelled.label[row] for row in parts[code]] for code in (TRAIN, TEST))
    commonest = max(sorted(set(learnt)), key=learnt.count)
    row: dict[str, object] = {
        **pair.columns(),
        "n_classes": len(set(learnt)),
        **{f"n_{name}": len(rows) for name, rows in zip(SPLIT_NAMES, parts, strict=True)},
        "accuracy_commonest": tested.count(commonest) / len(tested),
        "n_lost": int((before.right & ~after.right).sum()),
        "n_gained": int((~before.right & after.right).sum()),
        "penalty_before": before.penalty,
        "penalty_after": after.penalty,
    }
    for when, each in (("before", before), ("after", after)):
        row |= _named(f"accuracy_{when}", each.right.mean(), *wilson(each.right, confidence_level))
    change = after.right.mean() - before.right.mean()
    return row | _named(
        "accuracy_change", change, *paired_interval(before.right, after.right, confidence_level)
    )


def _named(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {name: float(value), f"{name}_low": low, f"{name}_high": high}


def wilson(right: Bool[np.ndarray, " image"], confidence_level: float) -> tuple[float, float]:
    """Wilson score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""
    from scipy.stats import binomtest

    found = binomtest(int(right.sum()), len(right)).proportion_ci(confidence_level, method="wilson")
    return float(found.low), float(found.high)


def paired_interval(
    before: Bool[np.ndarray, " image"], after: Bool[np.ndarray, " image"], confidence_level: float
) -> tuple[float, float]:
    """Confidence interval of the difference of two proportions of the same images.

    The adjusted Wald interval of Bonett & Price 2012 (J. Educ. Behav. Stat. 37:479), which counts
    one additional image as lost and one as gained.
    """
    n = len(before) + 2
    gained = (int((~before & after).sum()) + 1) / n
    lost = (int((before & ~after).sum()) + 1) / n
    middle = gained - lost
    reach = special.ndtri((1 + confidence_level) / 2) * np.sqrt((gained + lost - middle**2) / n)
    return float(max(-1.0, middle - reach)), float(min(1.0, middle + reach))
