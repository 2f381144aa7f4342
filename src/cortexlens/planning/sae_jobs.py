"""Jobs of `snakemake sae`, and the files that they are made from."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cortexlens.config.study import Run, Study
from cortexlens.errors import CortexlensError
from cortexlens.shapes import FURTHER_PICTURES
from cortexlens.storage.json_files import read_json
from cortexlens.storage.names import check_names
from cortexlens.study.data_files import every_picture_file, picture_files, with_listed

# Rules with a job per network and subject, and rules with a single job for all.
_OF_PAIR = (
    "build_dictionary",
    "draw_dictionary",
    "draw_dictionary_null",
    "draw_film",
    "draw_units",
)
_OF_ALL = (
    *("summarise_saes", "draw_saes", "summarise_dictionaries", "summarise_dictionary_layers"),
    *("summarise_units", "draw_unit_selectivity"),
)


def coded_jobs(study: Study, n_layers: Callable[[str], int]) -> Iterator[tuple[str, str, str]]:
    """Yield rule, network and subject of the jobs of `snakemake sae`.

    Parameters
    ----------
    study
        The study.
    n_layers
        Function from a network to its number of layers.
    """
    wanted, every = study.config["sae"], study.config["sae"]["layers"] == "all"
    if wanted.get("pictures") and study.coded:
        yield "list_pictures", "", ""
    fitted = {(run.backbone, run.subject) for run in coded_fits(study)}
    for backbone in dict.fromkeys(name for name, _ in study.coded):
        n_trained = wanted["seeds"] * (n_layers(backbone) if every else len(wanted["layers"]))
        subjects = [subject for name, subject in study.coded if name == backbone]
        yield from [("train_sae", backbone, "")] * n_trained
        for subject in subjects:
            yield from [("compare_units", backbone, subject)] * n_trained
            yield from ((rule, backbone, subject) for rule in _OF_PAIR)
            if (backbone, subject) in fitted:
                yield "draw_dictionary_agreement", backbone, subject
    if study.coded:
        yield from ((rule, "", "") for rule in _OF_ALL)
        if wanted["seeds"] > 1:
            yield "match_saes", "", ""


def check_coded(
    study: Study, backbone: str, layers: Sequence[str], channels: Sequence[int]
) -> None:
    """Refuse layers of the section ``sae`` that a network does not have, and too few units.

    Parameters
    ----------
    study, backbone
        The study, and the id of the network.
    layers, channels
        Names of all layers of the network, and their numbers of channels.

    Raises
    ------
    CortexlensError
        With what was found and what is allowed.
    """
    given = study.config["sae"]
    if backbone not in {name for name, _ in study.coded}:
        return
    known = dict(zip(layers, channels, strict=True))
    for layer in layers if given["layers"] == "all" else given["layers"]:
        if layer not in known:
            raise CortexlensError(
                f"{study.source}: sae.layers: found {layer!r}, which backbone {backbone!r} lacks; "
                f"its layers are {', '.join(layers)}. Change sae.layers."
            )
        units = round(given["expansion"] * known[layer])
        if given["k"] > units:
            raise CortexlensError(
                f"{study.source}: sae.k: found {given['k']}; layer {layer!r} of backbone "
                f"{backbone!r} gets {units} units ({given['expansion']:g} times {known[layer]} "
                "channels). Lower sae.k, or raise sae.expansion."
            )


def layers_of(study: Study, checkpoints: Any, backbone: str) -> list[str]:
    """Names of the layers of a network that the section ``sae`` asks for.

    If it asks for all layers, they are known once the network is described: ``checkpoints`` are
    those of snakemake, which waits for that.
    """
    wanted = study.config["sae"]["layers"]
    if wanted != "all":
        return list(wanted)
    described = Path(checkpoints.describe_backbone.get(backbone=backbone).output[0])
    return check_names(read_json(described, {"layers": [str]})["layers"], str(described))


def of_layers(
    study: Study, checkpoints: Any, pattern: str, *, seeds: int = 1
) -> Callable[..., Any]:
    """Function from wildcards to one path per layer and seed of their network.

    Parameters
    ----------
    study, checkpoints
        As for :func:`layers_of`.
    pattern
        Path with ``{backbone}``, ``{layer}``, and optionally ``{subject}`` and ``{sae_seed}``.
    seeds
        Number of autoencoders per layer, the first ones.
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
    """Fill in a path for each pair of network and subject of the section, without duplicates."""
    filled = [pattern.format(backbone=backbone, subject=who) for backbone, who in study.coded]
    return list(dict.fromkeys(filled))


def of_pair_layers(study: Study, checkpoints: Any, pattern: str) -> Callable[..., Any]:
    """Function to one path for each layer of each pair of network and subject.

    Parameters
    ----------
    study, checkpoints
        As for :func:`layers_of`.
    pattern
        Path with ``{backbone}``, ``{layer}`` and ``{subject}``.
    """

    def from_wildcards(_: Any) -> list[str]:
        return [
            pattern.format(backbone=backbone, layer=layer, subject=subject)
            for backbone, subject in study.coded
            for layer in layers_of(study, checkpoints, backbone)
        ]

    return from_wildcards


def coded_fits(study: Study) -> list[Run]:
    """Mapped fits of the runs whose network and subject are also in the section ``sae``."""
    return [run for run in study.mapped if (run.backbone, run.subject) in study.coded]


def of_networks(study: Study, checkpoints: Any, pattern: str) -> Callable[..., Any]:
    """Function to one path per autoencoder of the section: network, layer and seed.

    Parameters
    ----------
    study, checkpoints
        As for :func:`layers_of`.
    pattern
        Path with ``{backbone}``, ``{layer}`` and ``{sae_seed}``.
    """

    def from_wildcards(_: Any) -> list[str]:
        return [
            pattern.format(backbone=backbone, layer=layer, sae_seed=seed)
            for backbone in dict.fromkeys(name for name, _ in study.coded)
            for layer in layers_of(study, checkpoints, backbone)
            for seed in range(study.config["sae"]["seeds"])
        ]

    return from_wildcards


def of_subjects(study: Study, pattern: str, *, recorded: bool = False) -> Callable[..., Any]:
    """Function from wildcards to one path per subject on whose images autoencoders are trained.

    Parameters
    ----------
    study
        The study.
    pattern
        Path with ``{subject}``, and optionally ``{backbone}``.
    recorded
        Whether to include only subjects with responses, not the folder of additional images.
    """

    def from_wildcards(wildcards: Any) -> list[str]:
        subjects = [who for name, who in study.coded if name == wildcards.backbone]
        if "pictures" in study.config["sae"] and not recorded:
            subjects.append(FURTHER_PICTURES)
        return [pattern.format(backbone=wildcards.backbone, subject=who) for who in subjects]

    return from_wildcards


def listed_pictures(study: Study, subject: str) -> list[str]:
    """Files that a subject's images are listed from: drawn scenes, or images and trials."""
    if subject == FURTHER_PICTURES:
        return [study.config["sae"]["pictures"]]
    if "n_scenes" in study.config["dataset"]:
        return ["<results>/scenes"]
    return list(map(str, picture_files(study.config["dataset"], study.subjects[subject])))


def every_listed_picture(study: Study, subject: str) -> list[Path]:
    """The user's files among :func:`listed_pictures`, including each image of a table."""
    if subject == FURTHER_PICTURES:
        place = study.config["sae"].get("pictures")
        return [] if place is None else with_listed(Path(place))
    if "n_scenes" in study.config["dataset"]:
        return []
    return every_picture_file(study.config["dataset"], study.subjects[subject])
