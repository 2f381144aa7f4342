"""Stage: a sparse autoencoder of one layer of a network."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE

# Options that say where things lie and how fast it goes, and shape nothing.
_NON_RESULT_OPTIONS = frozenset(
    {
        *("features", "subjects", "out", "weights", "weights_cache", "trust"),
        *("device", "threads", "memory", "precision"),
    }
)


def train_sae(
    features: Annotated[
        list[Path], typer.Argument(help="Feature stores of one network: SUBJECT.zarr.")
    ],
    subjects: Annotated[
        Path,
        typer.Option(
            help="Folder with SUBJECT/images.tsv and SUBJECT/responses.zarr; without responses "
            "all pictures are for training."
        ),
    ],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    layer: Annotated[str, typer.Option(help="Name of the layer.")],
    out: Annotated[Path, typer.Option(help="Folder for sae.safetensors, history.tsv, sae.json.")],
    sae_seed: Annotated[int, typer.Option(help="Of weights and order.", min=0)] = 0,
    tokens: Annotated[
        str, typer.Option(help="class (the global token), mean (over places) or local (each).")
    ] = "class",
    activation: Annotated[str, typer.Option(help="topk, batchtopk, jumprelu or l1.")] = "topk",
    expansion: Annotated[float, typer.Option(help="Units a channel.", min=0)] = 8.0,
    k: Annotated[int, typer.Option(help="Units that are active on a token.", min=1)] = 32,
    epochs: Annotated[int, typer.Option(help="Passes over the tokens.", min=1)] = 20,
    batch_size: Annotated[
        int,
        typer.Option(help="Tokens a step; fewer where a pass would have less than 100.", min=1),
    ] = 1024,
    learning_rate: Annotated[
        float, typer.Option(help="Of Adam; it falls to zero over the last fifth of the steps.")
    ] = 1e-3,
    precision: Annotated[
        str, typer.Option(help="auto, float32 or bfloat16: of the large products.")
    ] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu or cuda: where it learns.")] = "auto",
    memory: Annotated[
        float | None,
        typer.Option(
            help="GB of tokens that are kept in memory; more are read while learning; left out: "
            "half of what is free."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    weights: Annotated[
        str | None,
        typer.Option(help="Weights of the network, if they lie elsewhere than at the extraction."),
    ] = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    trust: options.Trust = None,
) -> None:
    """Learn a sparse autoencoder on the training pictures, and measure it on the test pictures."""
    given = {key: value for key, value in locals().items() if key not in _NON_RESULT_OPTIONS}
    import torch

    from cortexlens.compute.devices import choose_device
    from cortexlens.sae.job import SaeJob, run_sae_training

    torch.set_num_threads(threads)
    job = SaeJob(given, tuple(features), subjects, weights, weights_cache, trust)
    run_sae_training(job, choose_device(device), out, memory=memory, precision=precision)
