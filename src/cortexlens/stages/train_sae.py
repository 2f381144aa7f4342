"""Stage: train a sparse autoencoder on one layer of a network."""

from pathlib import Path
from typing import Annotated

import typer

from cortexlens.backbones import options
from cortexlens.backbones.cache import DEFAULT_CACHE

# Options that do not change the result: paths, and how fast it is computed.
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
            help="Folder with SUBJECT/images.tsv and SUBJECT/responses.zarr; without "
            "responses, all images are used for training."
        ),
    ],
    backbone: Annotated[str, typer.Option(help="Id of the network.")],
    layer: Annotated[str, typer.Option(help="Name of the layer.")],
    out: Annotated[
        Path, typer.Option(help="Folder to write sae.safetensors, history.tsv and sae.json to.")
    ],
    sae_seed: Annotated[
        int, typer.Option(help="Seed of the initial weights and of the order of tokens.", min=0)
    ] = 0,
    tokens: Annotated[
        str,
        typer.Option(
            help="Tokens to train on: class (the global token), mean (over locations) or "
            "local (each location)."
        ),
    ] = "class",
    activation: Annotated[
        str, typer.Option(help="Activation function: topk, batchtopk, jumprelu or l1.")
    ] = "topk",
    expansion: Annotated[
        float, typer.Option(help="Number of units, as a multiple of the layer's channels.", min=0)
    ] = 8.0,
    k: Annotated[int, typer.Option(help="Number of units active on a token.", min=1)] = 32,
    epochs: Annotated[int, typer.Option(help="Passes over the tokens.", min=1)] = 20,
    batch_size: Annotated[
        int,
        typer.Option(
            help="Tokens per step; fewer if a pass would have less than 100 steps.", min=1
        ),
    ] = 1024,
    learning_rate: Annotated[
        float,
        typer.Option(
            help="Learning rate of Adam; it falls to zero over the last fifth of the steps."
        ),
    ] = 1e-3,
    precision: Annotated[
        str, typer.Option(help="Precision of the large matrix products: auto, float32 or bfloat16.")
    ] = "auto",
    device: Annotated[
        str, typer.Option(help="Device to train on: auto (a GPU if there is one), cpu or cuda.")
    ] = "auto",
    memory: Annotated[
        float | None,
        typer.Option(
            help="GB of tokens to hold in memory; the rest is read from disk while training. "
            "Default: half of the free memory."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Number of CPU threads.", min=1)] = 1,
    weights: Annotated[
        str | None,
        typer.Option(
            help="Weights of the network, if they have moved since the features were extracted."
        ),
    ] = None,
    weights_cache: options.WeightsCache = DEFAULT_CACHE,
    trust: options.Trust = None,
) -> None:
    """Train a sparse autoencoder on the training images and evaluate it on the test images."""
    given = {key: value for key, value in locals().items() if key not in _NON_RESULT_OPTIONS}
    import torch

    from cortexlens.compute.devices import choose_device
    from cortexlens.sae.job import SaeJob, run_sae_training

    torch.set_num_threads(threads)
    job = SaeJob(given, tuple(features), subjects, weights, weights_cache, trust)
    run_sae_training(job, choose_device(device), out, memory=memory, precision=precision)
