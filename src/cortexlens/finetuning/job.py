"""Run one fine-tuning job, from its options to files; called by the stage ``finetune``."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cortexlens.backbones.checkpoints import weights_path
from cortexlens.backbones.network import Backbone, load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.compute.divergence import DivergedError, retry_at_lower_rate
from cortexlens.features.precision import choose_precision
from cortexlens.finetuning.examples import (
    Examples,
    OpenPicture,
    Parts,
    open_source,
    part_classes,
    read_examples,
)
from cortexlens.finetuning.measures import commonest_share
from cortexlens.finetuning.settings import Settings
from cortexlens.finetuning.train import FinetuningState, history_rows, train_network
from cortexlens.finetuning.tuner import Tuner
from cortexlens.storage.datasets import replacing
from cortexlens.storage.manifest import mark_complete
from cortexlens.storage.provenance import record
from cortexlens.study.files import find_files
from cortexlens.study.pictures.labelled import Labelled, list_classes
from cortexlens.study.simulation.drawn_classes import TASKS, draw_class

_ROW = frozenset(each.name for each in fields(BackboneRow))
_SETTINGS = frozenset(each.name for each in fields(Settings)) - {"seed"}


@dataclass(frozen=True)
class FinetuningJob:
    """Inputs of a fine-tuning job.

    Attributes
    ----------
    given
        Options of the stage that determine weights or history.
    root
        Folder that the paths ``images`` and ``labels`` are relative to.
    weights_cache
        Folder of downloaded weights.
    """

    given: Mapping[str, Any]
    root: Path
    weights_cache: str

    @property
    def row(self) -> BackboneRow:
        """Row of the network to fine-tune."""
        return BackboneRow.from_columns({k: v for k, v in self.given.items() if k in _ROW})

    @property
    def settings(self) -> Settings:
        """Training settings."""
        own = {key: value for key, value in self.given.items() if key in _SETTINGS}
        own["checkpoints"] = tuple(int(part) for part in own["checkpoints"].split(",") if part)
        return Settings(**own, seed=self.given["training_seed"])

    @property
    def labelled(self) -> Labelled:
        """Location of labelled images on disk; unused if images are simulated."""
        given = self.given
        return Labelled(
            self.root / (given["images"] or ""),
            tuple(find_files(self.root, given["labels"])) if given["labels"] else (),
            given["image_column"],
            given["label_column"],
            tuple(part.strip() for part in (given["classes"] or "").split(",") if part.strip()),
        )

    def pictures(self) -> tuple[Parts, OpenPicture]:
        """Return the training and validation images, and the function that opens an image."""
        kind, per_class = self.given["kind"], self.given["images_per_class"]
        cut = (per_class, self.given["validation_images"], self.given["training_seed"])
        if kind not in TASKS:
            return part_classes(list_classes(self.labelled, per_class + 1), *cut), open_source
        drawn = {
            f"{name} {i}": picture
            for name in TASKS[kind].classes
            for i, picture in enumerate(draw_class(kind, name, 2 * per_class, cut[2]))
        }
        names = {
            name: [f"{name} {i}" for i in range(2 * per_class)] for name in TASKS[kind].classes
        }
        return part_classes(names, *cut), drawn.__getitem__

    def inputs(self) -> dict[str, Path]:
        """Return the input files other than images, which :meth:`pictures` lists."""
        weights = {"weights": weights_path(self.row.weights), "tuned": weights_path(self.row.tuned)}
        tables = {f"labels {i}": path for i, path in enumerate(self.labelled.labels, 1)}
        return {**{key: path for key, path in weights.items() if path is not None}, **tables}


def run_finetuning(job: FinetuningJob, device: str, out: Path) -> None:
    """Fine-tune a network and write its weights, history and report.

    Parameters
    ----------
    job
        Inputs of the job.
    device
        PyTorch device, e.g. ``cuda:0``.
    out
        Folder to write ``best.safetensors``, ``last.safetensors``, ``step-{N}.safetensors``,
        ``history.tsv`` and ``finetune.json`` to. The checkpoint for resuming lies beside it and is
        removed at the end.

    Raises
    ------
    CortexlensError
        If images or weights are missing or damaged, the settings do not fit the network, or the
        training diverges even at a tenth of the learning rate.
    """
    settings = job.settings
    parts, open_picture = job.pictures()
    backbone = load_backbone(job.row, device=device, cache=job.weights_cache)
    learn, test = (
        read_examples(pairs, backbone.preprocess, open_picture, f"{what} images read")
        for pairs, what in ((parts.train, "training"), (parts.validation, "validation"))
    )
    first = range(min(16, len(test)))
    precision = choose_precision(
        backbone, lambda: test.batch(first)[0], 1, "area", job.given["precision"]
    )
    provenance = record(
        "finetune", inputs=job.inputs(), settings=job.given, seed=job.given["training_seed"]
    )
    provenance["inputs"]["pictures"] = _digest(learn, test)
    provenance["inputs"]["network"] = backbone.description["weights_sha256"]
    key = _key(provenance, device, torch.get_num_threads())
    state_folder = out.with_name(f".{out.name}.state")

    def attempt(rate: float) -> tuple[FinetuningState, Tuner]:
        network, own_key = backbone, key
        if rate != settings.learning_rate:
            # A first attempt, which diverged, has changed the weights of the network in memory.
            network = load_backbone(job.row, device=device, cache=job.weights_cache)
            own_key = f"{key} at {rate:g}"
        adapted = replace(settings, learning_rate=rate)
        tuner = Tuner(network, len(parts.classes), adapted)
        tuner.dtype = precision.dtype
        return train_network(tuner, learn, test, adapted, state_folder, own_key), tuner

    note = state_folder / "diverged.pt", key
    try:
        (progress, tuner), diverged = retry_at_lower_rate(
            attempt, settings.learning_rate, "finetuning.learning_rate", note
        )
    except DivergedError:
        shutil.rmtree(state_folder, ignore_errors=True)
        raise
    report = {
        **_report(job, parts, backbone, learn, test, progress),
        **({"diverged": diverged} if diverged else {}),
        "precision": precision.name,
        "device": device,
        "provenance": provenance,
    }
    _write(progress, tuner, report, out)
    mark_complete()
    shutil.rmtree(state_folder, ignore_errors=True)


def _digest(learn: Examples, test: Examples) -> str:
    """Hash all images, as resized for the network, and their classes."""
    digest = hashlib.sha256()
    for examples in (learn, test):
        digest.update(examples.labels.tobytes())
        for picture in examples.pictures:
            digest.update(picture.tobytes())
    return digest.hexdigest()


def _key(provenance: Mapping[str, Any], device: str, threads: int) -> str:
    text = json.dumps([provenance, device, threads], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _report(
    job: FinetuningJob,
    parts: Parts,
    backbone: Backbone,
    learn: Examples,
    test: Examples,
    progress: FinetuningState,
) -> dict[str, Any]:
    """Summarise the job and its accuracy as JSON values."""
    counts = Counter(label for _, label in parts.validation)
    rows = {"start": progress.history[0], "best": progress.best_row, "last": progress.history[-1]}
    measured = {
        name: {key: row[key] for key in ("step", "validation_accuracy", "balanced_accuracy")}
        for name, row in rows.items()
    }
    return {
        "backbone": job.given["backbone"],
        "finetune": job.given["finetune"],
        "classes": parts.classes,
        "images_per_class": job.given["images_per_class"],
        "training_images": len(learn),
        "validation_images": {name: counts[i] for i, name in enumerate(parts.classes)},
        "baseline_accuracy": commonest_share(test.labels),
        "baseline_balanced_accuracy": 1 / len(parts.classes),
        "accuracy": measured,
        "head": f"{'class token' if backbone.description['global_token'] == 'class' else 'mean'} "
        f"of {backbone.layer_names[-1]}",
        "seconds": round(progress.seconds, 1),
    }


def _write(progress: FinetuningState, tuner: Tuner, report: Mapping[str, Any], out: Path) -> None:
    states = {"best": progress.best, "last": tuner.backbone_state()}
    states |= {f"step-{step}": state for step, state in progress.kept.items()}
    for name, state in states.items():
        _save_weights(state, out / f"{name}.safetensors")
    with replacing(out / "history.tsv") as partial:
        partial.write_text(
            "".join(f"{line}\n" for line in history_rows(progress)), encoding="utf-8"
        )
    with replacing(out / "finetune.json") as partial:
        partial.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _save_weights(state: Mapping[str, Tensor], path: Path) -> None:
    from safetensors.torch import save_file

    own = {name: value.cpu().contiguous() for name, value in state.items()}
    with replacing(path) as partial:
        save_file(own, partial)
        # safetensors makes files that only their owner can read.
        partial.chmod(0o644)
