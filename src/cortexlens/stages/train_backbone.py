"""Stage: train a network of the demo zoo."""

from pathlib import Path
from typing import Annotated

import typer


def train_backbone(
    scenes: Annotated[Path, typer.Option(help="Folder of drawn scenes of 96 px.")],
    task: Annotated[
        str,
        typer.Option(
            help="Training task: supervised, masked, contrastive, distilled or diffusion."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Weights to write (float16 safetensors).")],
    report: Annotated[
        Path | None, typer.Option(help="JSON file to write: measures on held-out scenes.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Seed of the initial weights, order, masks and augmentation.", min=0)
    ] = 0,
    epochs: Annotated[
        float | None,
        typer.Option(help="Passes over the training scenes. Default: that of the task.", min=0),
    ] = None,
    n_held_out: Annotated[
        int,
        typer.Option(
            help="Number of scenes, the last of the folder, that are held out for evaluation.",
            min=64,
        ),
    ] = 1024,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
) -> None:
    """Train a network of the demo zoo on drawn scenes and evaluate it on its own task."""
    import json

    import torch

    from cortexlens.backbones.training.pool import read_pool
    from cortexlens.backbones.training.run import recipe_of, train_network
    from cortexlens.backbones.zoo import save_network
    from cortexlens.progress import say
    from cortexlens.storage.datasets import replacing
    from cortexlens.storage.provenance import record

    recipe_of(task)
    torch.set_num_threads(threads)
    pool = read_pool(scenes)
    trained = train_network(task, pool, seed, n_held_out, epochs)
    facts = {
        **trained.report,
        "provenance": record(
            "train_backbone",
            inputs={"scenes": scenes / "scenes.tsv"},
            settings={"task": task, "epochs": epochs, "n_held_out": n_held_out, "threads": threads},
            seed=seed,
        ),
    }
    save_network(trained.network, out, facts)
    if report is not None:
        with replacing(report) as partial:
            partial.write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name, values in facts["figures"].items():
        say(f"{name}: trained {values['trained']:.3f}, untrained {values['untrained']:.3f}")
