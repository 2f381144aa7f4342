"""What a subject has, seen before anything is computed: images, trials, vertices, regions."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from cortexlens.study.files import TABLE_FILES, find_files

# Beyond this a study's arrays are looked at by their sizes alone.
LARGEST_READ = 2**32


class Survey(NamedTuple):
    """Counts of one subject.

    Attributes
    ----------
    n_images, n_trials
        Pictures, and presentations of them.
    n_vertices
        Recorded places; None where they are only known once they are drawn.
    regions
        Names of the regions that hold a vertex; None where they are only known later.
    shapes
        Width and height in pixels → number of such pictures; empty where all are squares, as
        drawn scenes and those of the Natural Scenes Dataset are.
    """

    n_images: int
    n_trials: int
    n_vertices: int | None
    regions: tuple[str, ...] | None
    shapes: Mapping[tuple[int, int], int] = MappingProxyType({})


def survey_subject(kind: str, dataset: Mapping[str, Any], row: Mapping[str, str]) -> Survey:
    """Count what a subject has, by the same readers that the workflow uses.

    Parameters
    ----------
    kind
        Kind of the dataset.
    dataset
        Its keys, defaults filled in.
    row
        The subject's row of the table.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or counts do not match.
    """
    surveys: dict[str, Callable[..., Survey]] = {
        "simulated": _drawn,
        "planted": _drawn,
        "table": _table,
        "algonauts2023": _algonauts2023,
        "nsd": _nsd,
    }
    return surveys[kind](dataset, row)


def _drawn(dataset: Mapping[str, Any], row: Mapping[str, str]) -> Survey:
    from cortexlens.study.images import parse_ranges

    n_images = len(parse_ranges(row["scenes"], dataset["n_scenes"], Path("scenes.tsv")))
    return Survey(n_images, n_images * dataset["repeats"], None, None)


def _table(dataset: Mapping[str, Any], row: Mapping[str, str]) -> Survey:
    from cortexlens.study.responses import check_responses
    from cortexlens.study.split import given_split
    from cortexlens.study.table import table_images, table_responses
    from cortexlens.study.table_files import TableFiles, paired

    root = Path(dataset["root"])
    files = {name: find_files(root, row[name]) for name in TABLE_FILES if name in row}
    pictures = table_images(root / row["images"], files.get("trials", ()))
    if pictures.splits is not None:
        given_split(pictures.splits, pictures.sha256)
    size = sum(path.stat().st_size for path in files["responses"] if path.is_file())
    if size > LARGEST_READ:
        paired(TableFiles.of(files))
        return Survey(len(pictures), len(pictures), None, None, pictures.shapes())
    given = table_responses(
        TableFiles.of(files),
        pictures,
        np.ones(len(pictures), bool),
        axes=row.get("axes"),
        space=row.get("space"),
        scale=dataset["scale"],
        resample=row.get("resample"),
        missing=row.get("missing"),
    )
    check_responses(given, pictures, str(files["responses"][0]))
    regions = tuple(map(str, given["roi"].values)) if "roi" in given else ()
    counts = len(pictures), given.sizes["trial"], given.sizes["vertex"]
    return Survey(*counts, regions, pictures.shapes())


def _nsd(dataset: Mapping[str, Any], row: Mapping[str, str]) -> Survey:
    from cortexlens.study.nsd import survey_nsd
    from cortexlens.study.nsd_layout import Layout

    counts = survey_nsd(Layout.from_options({**dataset, **row}))
    return Survey(*counts[:3], tuple(counts[3]))


def _algonauts2023(dataset: Mapping[str, Any], row: Mapping[str, str]) -> Survey:
    from cortexlens.study.algonauts2023 import algonauts_images, survey_algonauts

    folder = Path(dataset["root"]) / row.get("folder", row["subject"])
    pictures = algonauts_images(folder)
    n_images = len(pictures)
    n_vertices, regions = survey_algonauts(folder, n_images)
    return Survey(n_images, n_images, n_vertices, tuple(regions), pictures.shapes())
