"""Stage: simulate responses from a network's features, to test what a fit recovers."""

from pathlib import Path
from typing import Annotated

import typer


def plant_responses(
    images: Annotated[Path, typer.Option(help="List of the subject's images (images.tsv).")],
    features: Annotated[
        Path, typer.Option(help="Feature store that the responses are generated from (.zarr).")
    ],
    subject: Annotated[str, typer.Option(help="Id of the subject.")],
    out: Annotated[Path, typer.Option(help="Store to write (responses.zarr).")],
    seed: Annotated[
        int, typer.Option(help="Seed of the split, the selectors and the noise.", min=0)
    ] = 0,
    split: Annotated[
        str, typer.Option(help="Proportions of training, validation and test images, e.g. 8,1,1.")
    ] = "8,1,1",
    repeats: Annotated[int, typer.Option(help="Number of presentations of each image.", min=1)] = 3,
    sessions: Annotated[
        int, typer.Option(help="Number of sessions into which the trials are divided.", min=1)
    ] = 6,
    truth: Annotated[
        str,
        typer.Option(
            help="Kind of channel weights: isotropic, sparse, large-components, "
            "small-components or patchy."
        ),
    ] = "isotropic",
    windows: Annotated[
        bool,
        typer.Option(
            help="Plant receptive fields that extend over several tokens. Default: each "
            "vertex reads a single point."
        ),
    ] = False,
) -> None:
    """Simulate a subject's responses from a network's features, with known selectors and noise."""
    from cortexlens.encoding import planted
    from cortexlens.errors import CortexlensError
    from cortexlens.features.store import ids_hash, open_features
    from cortexlens.shapes import TRAIN
    from cortexlens.storage import provenance
    from cortexlens.storage.datasets import write_dataset
    from cortexlens.study.pictures.image_set import ImageSet
    from cortexlens.study.responses import finish_responses, subject_seed
    from cortexlens.study.split import parse_parts, split_by_image

    pictures = ImageSet.read(images)
    store = open_features(features)
    if store.attributes["image_ids_hash"] != ids_hash(pictures.ids):
        raise CortexlensError(
            f"{features}: found features of {store.n_images} images, which differ from the "
            f"{len(pictures)} in {images} or their order. Extract the features again."
        )
    codes = split_by_image(pictures.sha256, seed, parse_parts(split))
    given = planted.plant_responses(
        store,
        codes == TRAIN,
        seed=subject_seed(seed, subject),
        repeats=repeats,
        sessions=sessions,
        truth=truth,
        windows=windows,
    )
    dataset = finish_responses(given, pictures, codes, source=str(features))
    record = provenance.record(
        "plant_responses",
        inputs={"images": images, "features": features},
        settings={
            **{"subject": subject, "split": split, "repeats": repeats, "sessions": sessions},
            **{"truth": truth, "windows": windows},
        },
        seed=seed,
    )
    write_dataset(dataset.assign_attrs(subject=subject), out, kind="responses", provenance=record)
