"""The jobs of `snakemake sae`: their layers, and what they take."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cortexlens import after_fits
from cortexlens.config import Study
from cortexlens.workloads import NetworkSize, SubjectSize, Workload

Sizes = Callable[[str, str], tuple[SubjectSize, NetworkSize, int]]


def _tables(study: Study, n_fits: int) -> Workload:
    """Count what a table or a picture over ``n_fits`` pairs of network and subject takes."""
    return after_fits.plot(n_fits)


def _compared(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Compare the units of a layer with vertices, and again for each exchange of images."""
    given = study.config["sae"]
    who, network, grid = sizes(backbone, subject)
    return after_fits.compared_units(
        *(who, max(network.channels), grid),
        units=int(given["expansion"] * max(network.channels)),
        shuffles=given["shuffles"],
        threads=study.config["threads"]["compare_units"],
    )


def _dictionary(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Join units of all layers and seeds, with intervals and chance for either metric."""
    who, network, _ = sizes(backbone, subject)
    given, total = study.config["analysis"], sum(study.config["split"])
    units = int(study.config["sae"]["expansion"] * max(network.channels))
    return after_fits.joined_units(
        *(who, study.config["split"][2] / total, given["bootstraps"], given["permutations"]),
        units=units * len(network.channels) * study.config["sae"]["seeds"],
        candidates=study.config["sae"]["kept"] * len(network.channels),
    )


def _table(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Tabulate dictionaries of all networks and subjects."""
    n_vertices = sum(sizes(*pair)[0].n_vertices for pair in study.coded)
    return after_fits.summary(len(study.coded), n_vertices)


def _matched(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Match directions of each layer between seeds."""
    networks = {pair[0]: sizes(*pair)[1] for pair in study.coded}
    given = study.config["sae"]
    pairs = given["seeds"] * (given["seeds"] - 1) // 2
    return after_fits.matched(
        [int(given["expansion"] * c) for each in networks.values() for c in each.channels], pairs
    )


# Rule -> what one of its jobs takes: of the study, the sizes, a network and a subject, where it
# has them.
WORKLOADS: dict[str, Callable[[Study, Sizes, str, str], Workload]] = {
    "build_dictionary": _dictionary,
    "compare_units": _compared,
    "draw_dictionary_null": lambda study, *_: _tables(study, 1),
    "match_saes": _matched,
    "summarise_dictionaries": _table,
}
OF_SAES = frozenset(WORKLOADS)


def sae_workload(rule: str, study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Count what one of :data:`OF_SAES` takes.

    Parameters
    ----------
    rule, study
        Which, and of what.
    sizes
        Function of network and subject: their sizes, and the side of the grid.
    backbone, subject
        Wildcards of the job, empty where it has none.
    """
    return WORKLOADS[rule](study, sizes, backbone, subject)


def layers_of(study: Study, checkpoints: Any, backbone: str) -> list[str]:
    """Names of the layers of a network that the section ``sae`` asks for.

    Where it asks for all they are known once the network is described: ``checkpoints`` are
    snakemake's, which waits for that.
    """
    wanted = study.config["sae"]["layers"]
    if wanted != "all":
        return list(wanted)
    described = Path(checkpoints.describe_backbone.get(backbone=backbone).output[0])
    return list(json.loads(described.read_text(encoding="utf-8"))["layers"])


def of_layers(
    study: Study, checkpoints: Any, pattern: str, *, seeds: int = 1
) -> Callable[..., Any]:
    """Give the function from wildcards to a path for each layer, and seed, of their network.

    Parameters
    ----------
    study, checkpoints
        As for :func:`layers_of`.
    pattern
        With ``{backbone}``, ``{layer}``, and where it is wanted ``{subject}`` and ``{sae_seed}``.
    seeds
        Autoencoders of each layer that are asked for, the first ones.
    """

    def from_wildcards(wildcards: Any) -> list[str]:
        known = dict(wildcards.items())
        layers = layers_of(study, checkpoints, known["backbone"])
        return [
            pattern.format(**known, layer=layer, sae_seed=seed)
            for layer in layers
            for seed in range(seeds)
        ]

    return from_wildcards


def of_pairs(study: Study, pattern: str) -> list[str]:
    """Fill a path for each pair of network and subject of the section, each path once."""
    filled = [pattern.format(backbone=backbone, subject=who) for backbone, who in study.coded]
    return list(dict.fromkeys(filled))
