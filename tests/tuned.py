"""Made-up results of a fine-tuning, for tests of what reads them."""

import hashlib
import json

import numpy as np
import xarray as xr

from cortexlens.features.store import FeatureWriter, Plan, ids_hash
from cortexlens.storage.datasets import write_dataset
from cortexlens.storage.provenance import record
from cortexlens.study.pictures.image_set import ImageSet
from encoders import image_ids, random_tokens
from fits import scored_fit

DERIVED = "net-land=net/land,net-land-step5=net/land/5"


def network_fits(names=("net", "net-land-step5", "net-land"), **settings):
    """Fits of a network before, along and after fine-tuning, each worse than the last."""
    settings = {"n_vertices": 120, "n_layers": 4, **settings}
    for number, name in enumerate(names):
        fit = scored_fit(20, backbone=name, weak=1 + 0.3 * number, seed=number, **settings)
        yield fit.assign(layer_selector=fit["layer_selector"].roll(layer=number, roll_coords=False))


def written_fits(folder, **settings):
    """Their stores."""
    paths = []
    for fit in network_fits(**settings):
        paths.append(folder / f"{fit.attrs['backbone']}.zarr")
        provenance = record("fit_encoder", inputs={}, settings={}, seed=0)
        write_dataset(fit, paths[-1], kind="fit", provenance=provenance)
    return paths


def written_report(folder, steps=10):
    """Report and history of the fine-tuning."""
    folder.mkdir(parents=True)
    rows = ["step\ttraining_loss\ttraining_accuracy\tvalidation_accuracy\tbalanced_accuracy"]
    rows.append("0\tnan\tnan\t0.2\t0.2")
    rows += [f"{step}\t{1 / step}\t{step / 10}\t0.5\t0.4" for step in np.linspace(1, steps, 4)]
    (folder / "history.tsv").write_text("\n".join(rows) + "\n")
    accuracy = {"last": {"step": steps}, "best": {"step": 7}}
    about = {"backbone": "net", "finetune": "land", "baseline_accuracy": 0.3, "accuracy": accuracy}
    (folder / "finetune.json").write_text(json.dumps(about))
    return folder / "finetune.json"


def written_features(folder, labels, n_images=60, drift=0.5):
    """Features of both networks as ``{network}/s1.zarr``, and the subject that they are of.

    The network before knows the labels, that after knows less of them.
    """
    rng = np.random.default_rng(0)
    ids = image_ids(n_images)
    subject = folder / "subjects" / "s1"
    digests = [hashlib.sha256(name.encode()).hexdigest() for name in ids]
    ImageSet(ids, ids, digests, labels).write(subject / "images.tsv")
    split = np.repeat([0, 1, 2], [n_images - 24, 12, 12]).astype(np.int8)
    provenance = record("collect_responses", inputs={}, settings={}, seed=0)
    responses = xr.Dataset({"split": ("image", split)})
    write_dataset(responses, subject / "responses.zarr", kind="responses", provenance=provenance)
    tokens = random_tokens(rng, n_images, 2, (5, 7))
    if labels is not None:
        tokens[-1][:, -1, 0] = 100 * np.unique(labels, return_inverse=True)[1]
    for name, far in (("net", 0.0), ("net-land", drift)):
        own = [
            each + far * each.std(dtype=float) * rng.standard_normal(each.shape) for each in tokens
        ]
        writer = FeatureWriter(
            folder / name / "s1.zarr", Plan(n_images, 2, (5, 7), "0" * 64, "test")
        )
        for block, images in enumerate(writer.plan.blocks):
            rows = slice(images.start, images.stop)
            writer.write(block, [each[rows].astype(np.float16) for each in own], [0, 0])
        about = {"layer_names": ["a", "b"], "image_ids_hash": ids_hash(ids)}
        writer.finish({**about, "backbone": {"backbone": name}})
    return [folder / name / "s1.zarr" for name in ("net", "net-land")]
