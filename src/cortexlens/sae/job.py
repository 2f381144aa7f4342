"""Train one autoencoder, from features to files; called by the stage ``train_sae``."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from cortexlens.compute.devices import compute_dtype
from cortexlens.errors import CortexlensError
from cortexlens.features.origin import network_of
from cortexlens.features.store import Features, open_features
from cortexlens.sae.model import About, Sae, save_sae
from cortexlens.sae.quality import Components, explained_variance, held_out, recovered
from cortexlens.sae.settings import Settings
from cortexlens.sae.tokens import Moments, Parts, Tokens, choose_pictures, moments_of
from cortexlens.sae.training import COLUMNS, SaeTrainingState, remove_state, train_autoencoder
from cortexlens.storage.datasets import open_dataset, replacing
from cortexlens.storage.manifest import mark_complete
from cortexlens.storage.provenance import record
from cortexlens.study.pictures.image_set import ImageSet

# Largest number of test images on which the network is run with reconstructed tokens.
PASSED_PICTURES: Final = 32
_SETTINGS = tuple(each.name for each in fields(Settings))
_ABOUT = tuple(each.name for each in fields(About))


@dataclass(frozen=True)
class SaeJob:
    """Inputs of the training of an autoencoder.

    Attributes
    ----------
    given
        Options of the stage that determine the autoencoder.
    features
        Feature stores ``SUBJECT.zarr`` of one network.
    subjects
        Folder with ``SUBJECT/images.tsv`` and ``SUBJECT/responses.zarr``. Image sets without
        responses are used for training alone.
    weights, weights_cache, trust
        Location of the network's weights and consent to run user code, see
        :func:`cortexlens.features.origin.network_of`.
    """

    given: Mapping[str, Any]
    features: tuple[Path, ...]
    subjects: Path
    weights: str | None
    weights_cache: str
    trust: str | None = None

    @property
    def settings(self) -> Settings:
        """Training settings."""
        return Settings(**{name: self.given[name] for name in _SETTINGS})

    @property
    def about(self) -> About:
        """Kind of the autoencoder, and the network and layer that it is trained on."""
        return About(**{name: self.given[name] for name in _ABOUT})

    @cached_property
    def stores(self) -> list[Features]:
        """Open feature store of each subject."""
        return [open_features(path) for path in self.features]

    @cached_property
    def pictures(self) -> list[ImageSet]:
        """Image set of each subject."""
        image_sets = []
        for store, path in zip(self.stores, self.features, strict=True):
            own = ImageSet.read(self.subjects / path.stem / "images.tsv")
            store.check_images(own.ids, path.stem)
            image_sets.append(own)
        return image_sets

    def inputs(self) -> dict[str, Path]:
        """Return all input files and stores."""
        files = {}
        for path in self.features:
            own = self.subjects / path.stem
            files[f"features {path.stem}"] = path
            files[f"images {path.stem}"] = own / "images.tsv"
            if (own / "responses.zarr").exists():
                files[f"responses {path.stem}"] = own / "responses.zarr"
        return files

    def parts(self) -> Parts:
        """Split the images of all subjects into training and held-out images."""
        splits = []
        for path in self.features:
            responses = self.subjects / path.stem / "responses.zarr"
            known = responses.exists()
            opened = open_dataset(responses, kind="responses") if known else None
            splits.append(None if opened is None else opened["split"].values)
        return choose_pictures([own.sha256 for own in self.pictures], splits)

    def tested(self, parts: Parts) -> list[Image.Image]:
        """Open some test images, evenly spread over all of them."""
        count = min(PASSED_PICTURES, len(parts.test))
        rows = np.linspace(0, len(parts.test) - 1, count).round().astype(int)
        return [self.pictures[store].open(row) for store, row in parts.test[rows].tolist()]


def run_sae_training(
    job: SaeJob, device: torch.device, out: Path, *, memory: float | None, precision: str
) -> None:
    """Train an autoencoder, evaluate it, and write its weights, history and report.

    Parameters
    ----------
    job
        Inputs of the training.
    device
        Device to train on.
    out
        Folder to write ``sae.safetensors``, ``history.tsv`` and ``sae.json`` to. The checkpoint for
        resuming lies beside it and is removed at the end.
    memory
        Limit on main memory for tokens in GB, see :class:`cortexlens.sae.tokens.Tokens`.
    precision
        Number format of the large matrix products, see
        :func:`cortexlens.compute.devices.compute_dtype`.

    Raises
    ------
    CortexlensError
        If inputs are inconsistent, or the training diverges even at a tenth of the learning rate.
    """
    settings, about, parts = job.settings, job.about, job.parts()
    dtype = compute_dtype(precision, device)
    made = record("train_sae", inputs=job.inputs(), settings=job.given, seed=settings.sae_seed)
    how = {"device": device.type, "precision": str(dtype).removeprefix("torch.")}
    text = json.dumps([made, how, torch.get_num_threads()], sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()
    tokens = Tokens(job.stores, about.layer, about.tokens, parts.train, memory, device)
    moments = moments_of(tokens)
    sae = normalising(about, settings, moments).to(device)
    state = out.with_name(f".{out.name}.state")
    progress = train_autoencoder(sae, tokens, settings, state, key, dtype)
    test = Tokens(job.stores, about.layer, about.tokens, parts.test, memory, device)
    report = {
        "backbone": about.backbone,
        "layer": about.layer,
        **{name: job.given[name] for name in ("tokens", "activation", "expansion")},
        "target_l0": about.k,
        "sae_seed": settings.sae_seed,
        "channels": tokens.n_channels,
        "units": sae.n_units,
        "training_images": tokens.n_images,
        "training_tokens": tokens.n_tokens,
        "test_images": test.n_images,
        "test_tokens": test.n_tokens,
        **measured(job, sae, test, moments, parts),
        "dead": progress.history[-1]["dead"],
        "seconds": round(progress.seconds, 1),
        **({"diverged": progress.diverged} if progress.diverged else {}),
        **how,
        "provenance": made,
    }
    _write(sae, progress, report, out)
    mark_complete()
    remove_state(state)


def normalising(about: About, settings: Settings, moments: Moments) -> Sae:
    """Make an untrained autoencoder that normalises tokens.

    Parameters
    ----------
    about
        Kind of the autoencoder.
    settings
        Training settings, for the number of units.
    moments
        Moments of the training tokens.

    Raises
    ------
    CortexlensError
        If more units should be active than the layer's dictionary has.
    """
    n_channels = len(moments.mean)
    n_units = settings.n_units(n_channels)
    if about.k > n_units:
        raise CortexlensError(
            f"sae.k: found {about.k}; layer {about.layer!r} gets {n_units} units "
            f"({settings.expansion:g} times {n_channels} channels). Lower sae.k, or raise "
            "sae.expansion."
        )
    sae = Sae(about, n_channels, n_units)
    sae.input.mean.copy_(moments.mean)
    sae.input.scale.fill_(moments.scale)
    return sae


def measured(
    job: SaeJob, sae: Sae, test: Tokens, moments: Moments, parts: Parts
) -> dict[str, float | None]:
    """Evaluate an autoencoder on held-out tokens, beside principal components as a baseline.

    There are as many components as units are active on a token on average. Sets ``sae.frequency``.

    Parameters
    ----------
    job
        Inputs of the training.
    sae
        Trained autoencoder.
    test
        Held-out tokens.
    moments
        Moments of the training tokens, from which components are computed.
    parts
        Split of the images.

    Returns
    -------
    dict
        Entries of the report ``sae.json``.
    """
    result = held_out(sae, test)
    sae.frequency.copy_(result.frequency)
    number = min(max(1, round(result.l0)), test.n_channels)
    components = Components(moments, number, test.device)
    store = job.stores[0]
    network = network_of(
        store.attributes["provenance"]["settings"],
        store.attributes["backbone"]["weights_sha256"],
        store.path,
        weights=job.weights,
        cache=job.weights_cache,
        trust=job.trust,
        device=str(test.device),
    )
    pictures = job.tested(parts)
    ways = (sae.reconstruct, components.reconstruct)
    fractions = recovered(network, sae.about.layer, sae.tokens, pictures, sae.input.mean, ways)
    of_sae, of_components = (None if np.isnan(each) else each for each in fractions)
    return {
        "explained": result.explained,
        "l0": result.l0,
        "inactive_on_test": float((result.frequency == 0).float().mean()),
        "recovered": of_sae,
        "components": number,
        "components_explained": explained_variance(test, components.reconstruct),
        "components_recovered": of_components,
        "recovered_images": len(pictures),
    }


def _write(sae: Sae, progress: SaeTrainingState, report: Mapping[str, Any], out: Path) -> None:
    save_sae(sae, out / "sae.safetensors")
    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(f"{row[name]:.6g}" for name in COLUMNS) for row in progress.history]
    with replacing(out / "history.tsv") as partial:
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with replacing(out / "sae.json") as partial:
        partial.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
