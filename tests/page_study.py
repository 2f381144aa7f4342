"""A made-up study as a page, for tests of what a browser shows."""

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from channel_stores import channels_of, with_groups
from cortexlens.cli import app
from cortexlens.storage.datasets import write_dataset
from dictionaries import written_film
from fits import scored_fit, stacked_fit, synthetic_fit
from saes import BACKBONE

HOSTILE = "<img src=x onerror=window.hit=1>"
HOSTILE_SUBJECT = "</script><script>window.hit=1</script>\u2028'\""
TUNED = f"{BACKBONE}-land"
# Vertex of the stacked fit at which the most probable layer is not that of the largest weight.
SURPRISING = 57
N_LAYERS, N_IMAGES, MEMBERS = 6, 60, 3


def first_fit():
    """Fit of three members with test images, whose last region has a hostile name."""
    fit = scored_fit(20, n_vertices=200, n_layers=N_LAYERS, backbone=BACKBONE)
    weights = fit["layer_selector"].values
    rng = np.random.default_rng(0)
    members = weights + 0.1 * rng.random((MEMBERS, *weights.shape), np.float32)
    members /= members.sum(axis=-1, keepdims=True)
    both = {
        f"member_{name}": (("member", *fit[name].dims), np.stack([fit[name].values] * MEMBERS))
        for name in ("space_selector", "scale_selector")
    }
    regions = [*fit["roi"].values[:-1].tolist(), HOSTILE]
    return fit.assign(
        member_layer_selector=(("member", "vertex", "layer"), members), **both
    ).assign_coords(
        test_image=np.arange(N_IMAGES - 20, N_IMAGES),
        roi=np.array(regions, dtype=np.dtypes.StringDType()),
    )


def fits():
    """Fits by name: two networks and a fine-tuned one, other subjects, one without places."""
    first = first_fit()
    settings = {"n_vertices": 200, "n_layers": N_LAYERS}
    same = {"roi": first["roi"]}
    return {
        "first": first,
        "tuned": synthetic_fit(backbone=TUNED, seed=1, **settings).assign_coords(same),
        "hostile": synthetic_fit(backbone=HOSTILE, seed=2, **settings).assign_coords(same),
        "other": synthetic_fit(backbone=BACKBONE, subject=HOSTILE_SUBJECT, seed=3, **settings),
        "solved": _with_a_surprise(
            stacked_fit(backbone=BACKBONE, subject="solved", seed=5, **settings)
        ),
        "nowhere": synthetic_fit(None, backbone=BACKBONE, subject="cells", seed=4, **settings),
    }


def _with_a_surprise(fit):
    """Make another layer than that of the largest weight the most probable one at one vertex."""
    probability = fit["layer_probability"].values
    probability[SURPRISING] = np.roll(probability[SURPRISING], 1)
    largest = int(fit["layer_selector"].values[SURPRISING].argmax())
    fit["confidence"].values[SURPRISING] = probability[SURPRISING, largest]
    return fit


def _tables(folder):
    rows = [
        {"subject": "sim01", "backbone": name, "readout": "factortopy", "roi": roi,
         "hemisphere": "both", "n_vertices": 30, "r2_mean": value, "r2_mean_low": value - 0.05,
         "r2_mean_high": value + 0.05, "r2_over_ceiling_median": 0.5, "pearson_mean": 0.4,
         "share_significant": 0.9}
        for name, value in ((BACKBONE, 0.2), (TUNED, 0.1), (HOSTILE, 0.3))
        for roi in ("all", "V1")
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "brain_score.tsv", sep="\t", index=False)
    slopes = [
        {"subject": "sim01", "backbone": name, "slope": slope, "slope_low": 0, "slope_high": 1,
         "b0": 0.1, "b1": 0.4, "spearman": 0.5, "n": 100}
        for name, slope in ((BACKBONE, 0.3), (HOSTILE, 0.5))
    ]  # fmt: skip
    pd.DataFrame(slopes).to_csv(folder / "hierarchy.tsv", sep="\t", index=False)
    return [folder / "brain_score.tsv", folder / "hierarchy.tsv"]


def write_page(folder, study):
    """Write stores and tables, and the page of them; give the folder's index and the file."""
    made = fits()
    paths, _ = written_film(folder, made["first"], N_IMAGES)
    stores = []
    for name, fit in made.items():
        stores.append(folder / f"fit-{name}.zarr")
        write_dataset(fit, stores[-1], kind="fit", provenance={})
    stores.append(folder / "scores.zarr")
    run("score-fit", "--fit", stores[0], "--out", stores[-1], "--bootstraps", 100,
        "--permutations", 99)  # fmt: skip
    stores.append(folder / "channels.zarr")
    grouped = channels_of(with_groups(made["first"]))
    write_dataset(grouped, stores[-1], kind="channels", provenance={})
    (folder / "sim01").mkdir()
    paths["images"].rename(folder / "sim01" / "images.tsv")
    rest = [paths["dictionary"], *paths["units"], folder / "sim01" / "images.tsv"]
    out, single = folder / "atlas", folder / "atlas.html"
    run("build-atlas", *stores, *rest, *_tables(folder), "--study", study,
        "--derived", f"{TUNED}={BACKBONE}/land", "--out", out, "--single", single)  # fmt: skip
    return out / "index.html", single


def run(*command):
    """Call a stage, and show what it says where it fails."""
    result = CliRunner().invoke(app, [str(word) for word in command])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
