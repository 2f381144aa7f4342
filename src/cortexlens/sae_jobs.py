"""The jobs of `snakemake sae`: their layers, and what they take."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cortexlens import after_fits, workloads
from cortexlens.config import Run, Study
from cortexlens.errors import CortexlensError
from cortexlens.shapes import FURTHER_PICTURES
from cortexlens.targets import ENCODER
from cortexlens.user_files import picture_files
from cortexlens.workloads import HALF, SINGLE, TORCH_BASE, NetworkSize, SubjectSize, Workload

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


def _layer_tables(study: Study, sizes: Sizes) -> Workload:
    """Tabulate layers of all dictionaries, whose patches of cortex exchange places."""
    subjects = [sizes(*pair)[0] for pair in study.coded]
    n_vertices = sum(subject.n_vertices for subject in subjects)
    # Six lines and tables of as many regions: what channels take, and draws of patches.
    exchanged = after_fits.channel_tables(subjects, study.config["analysis"]["permutations"])
    drawn = after_fits.bootstrapped(2 * len(subjects), 6 * n_vertices)
    work = {**exchanged.work, **drawn.work}
    return Workload(work, exchanged.memory + drawn.memory, drawn.disk)


def _dictionary_map(sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Draw maps of a dictionary."""
    who, network, _ = sizes(backbone, subject)
    return after_fits.maps(who.n_vertices, len(network.channels))


def _film(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Draw a film strip: codes of every image in each layer, responses, a small map a cell."""
    who, network, _ = sizes(backbone, subject)
    wanted = study.config["sae"]
    shown = len(wanted["shown"]) if isinstance(wanted["shown"], list) else wanted["shown"]
    codes = who.n_images * wanted["expansion"] * sum(network.channels)
    drawn = after_fits.maps(who.n_vertices, shown * len(network.channels))
    responses = who.n_trials * who.n_vertices
    work = {
        **drawn.work,
        "start_network": 1,
        "read_byte": HALF * codes + SINGLE * responses,
        "pool_value": 4 * codes / len(network.channels),
    }
    largest = who.n_images * wanted["expansion"] * max(network.channels)
    memory = TORCH_BASE + drawn.memory + SINGLE * (3 * responses + 4 * largest)
    return Workload(work, memory, drawn.disk)


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


def _listed(study: Study, sizes: Sizes) -> Workload:
    """List further pictures; any network will do to ask for their number."""
    return workloads.images(sizes(study.coded[0][0], FURTHER_PICTURES)[0])


def _autoencoder(study: Study, sizes: Sizes, backbone: str) -> Workload:
    """Train an autoencoder of the widest layer, on the pictures of all subjects.

    Products for every unit of every token, and about half as many for those that are active.
    """
    wanted = study.config["sae"]
    found = [sizes(*pair) for pair in study.coded if pair[0] == backbone]
    _, network, grid = found[0]
    width = max(network.channels)
    places = grid**2 if wanted["tokens"] == "local" else 1
    n_images = sum(subject.n_images for subject, _, _ in found)
    tokens, n_units = n_images * places, wanted["expansion"] * width
    forward = 2 * tokens * width * n_units
    dense = wanted["activation"] in ("jumprelu", "l1")
    work = {
        "start_network": 1,
        "load_parameter": 2 * network.n_parameters,
        "forward_product": 150 * network.products,
        "read_byte": HALF * n_images * (grid**2 + 1) * width,
        "align_product": wanted["epochs"] * forward * (5 if dense else 1.5),
        # The optimiser goes over all weights in every step.
        "step_value": 2 * width * n_units * wanted["epochs"] * tokens / wanted["batch_size"],
    }
    # Weights, their gradients and two moments of each; units of a batch; tokens in memory.
    held = 10 * SINGLE * width * n_units + 4 * SINGLE * wanted["batch_size"] * n_units
    passed = 10 * network.largest + 2 * SINGLE * network.n_parameters
    memory = TORCH_BASE + held + passed + HALF * tokens * width
    return Workload(work, memory, 4 * SINGLE * 2 * width * n_units)


def _unit_tables(study: Study, sizes: Sizes) -> Workload:
    """Tabulate what units prefer, by resamples of test images, and exchanges of patches."""
    subjects = [sizes(*pair)[0] for pair in study.coded]
    given = study.config["analysis"]
    draws = given["bootstraps"] + given["permutations"]
    test = study.config["split"][2] / sum(study.config["split"])
    # Both likenesses, of vertices and of their units: sums and sums of squares, a draw an image.
    drawn = sum(8 * draws * test * each.n_images * each.n_vertices for each in subjects)
    exchanged = after_fits.channel_tables(subjects, 5 * given["permutations"])
    responses = max(each.n_images * each.n_vertices for each in subjects)
    work = {**exchanged.work, "bootstrap_product": drawn}
    memory = exchanged.memory + TORCH_BASE + 3 * SINGLE * responses + 1e9
    return Workload(work, memory, exchanged.disk)


def _unit_pages(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Draw units of some tens of regions: a small map, and tokens of six pictures, of each."""
    who, network, grid = sizes(backbone, subject)
    drawn = after_fits.maps(who.n_vertices, 8)
    responses = who.n_trials * who.n_vertices
    units = study.config["sae"]["expansion"] * max(network.channels)
    work = {**drawn.work, "start_network": 1, "read_byte": SINGLE * responses}
    memory = TORCH_BASE + drawn.memory + SINGLE * (responses + 6 * grid**2 * units)
    return Workload(work, memory + 2 * SINGLE * units * max(network.channels), drawn.disk)


# Rule -> what one of its jobs takes: of the study, the sizes, a network and a subject, where it
# has them.
WORKLOADS: dict[str, Callable[[Study, Sizes, str, str], Workload]] = {
    "build_dictionary": _dictionary,
    "compare_units": _compared,
    "draw_dictionary": lambda _, sizes, *pair: _dictionary_map(sizes, *pair),
    "draw_dictionary_agreement": lambda _, sizes, *pair: _dictionary_map(sizes, *pair),
    "draw_dictionary_null": lambda study, *_: _tables(study, 1),
    "draw_film": _film,
    "draw_saes": lambda study, *_: _tables(study, len(study.coded)),
    "draw_unit_selectivity": lambda study, *_: _tables(study, len(study.coded)),
    "draw_units": _unit_pages,
    "list_pictures": lambda study, sizes, *_: _listed(study, sizes),
    "match_saes": _matched,
    "summarise_dictionaries": _table,
    "summarise_dictionary_layers": lambda study, sizes, *_: _layer_tables(study, sizes),
    "summarise_saes": lambda study, *_: _tables(study, len(study.coded)),
    "summarise_units": lambda study, sizes, *_: _unit_tables(study, sizes),
    "train_sae": lambda study, sizes, backbone, _: _autoencoder(study, sizes, backbone),
}
OF_SAES = frozenset(WORKLOADS)
# Rules with a job for each network and subject, and with one for all of them.
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


def coded_jobs(study: Study, n_layers: Callable[[str], int]) -> Iterator[tuple[str, str, str]]:
    """Give rule, network and subject of the jobs of `snakemake sae`.

    Parameters
    ----------
    study
        Which.
    n_layers
        Function from a network to the number of all its layers.
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
    """Refuse layers that a network of the section ``sae`` lacks, and too few units.

    Parameters
    ----------
    study, backbone
        Which.
    layers, channels
        All layers of the network, and their channels.

    Raises
    ------
    CortexlensError
        What was found, and what is allowed.
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
        if given["active"] > units:
            raise CortexlensError(
                f"{study.source}: sae.active: found {given['active']}; layer {layer!r} of backbone "
                f"{backbone!r} gets {units} units ({given['expansion']:g} times {known[layer]} "
                "channels). Lower sae.active, or raise sae.expansion."
            )


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


def of_pair_layers(study: Study, checkpoints: Any, pattern: str) -> Callable[..., Any]:
    """Give the function to a path for each layer of each pair of network and subject.

    Parameters
    ----------
    study, checkpoints
        As for :func:`layers_of`.
    pattern
        With ``{backbone}``, ``{layer}`` and ``{subject}``.
    """

    def from_wildcards(_: Any) -> list[str]:
        return [
            pattern.format(backbone=backbone, layer=layer, subject=subject)
            for backbone, subject in study.coded
            for layer in layers_of(study, checkpoints, backbone)
        ]

    return from_wildcards


def coded_fits(study: Study) -> list[Run]:
    """FactorTopy fits of the runs whose network and subject the section ``sae`` names too."""
    return [
        run
        for run in study.runs
        if run.readout == ENCODER and (run.backbone, run.subject) in study.coded
    ]


def of_networks(study: Study, checkpoints: Any, pattern: str) -> Callable[..., Any]:
    """Give the function to a path for each autoencoder of the section: network, layer, seed.

    Parameters
    ----------
    study, checkpoints
        As for :func:`layers_of`.
    pattern
        With ``{backbone}``, ``{layer}`` and ``{sae_seed}``.
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
    """Give the function from wildcards to a path for each subject that autoencoders learn from.

    Parameters
    ----------
    study
        The study.
    pattern
        With ``{subject}``, and where it is wanted ``{backbone}``.
    recorded
        Whether only those with responses are wanted: not the folder of further pictures.
    """

    def from_wildcards(wildcards: Any) -> list[str]:
        subjects = [who for name, who in study.coded if name == wildcards.backbone]
        if "pictures" in study.config["sae"] and not recorded:
            subjects.append(FURTHER_PICTURES)
        return [pattern.format(backbone=wildcards.backbone, subject=who) for who in subjects]

    return from_wildcards


def listed_pictures(study: Study, subject: str) -> list[str]:
    """Files that a subject's images are listed from: drawn scenes, or pictures and trials."""
    if subject == FURTHER_PICTURES:
        return [study.config["sae"]["pictures"]]
    if "n_scenes" in study.config["dataset"]:
        return ["<results>/scenes"]
    return list(map(str, picture_files(study.config["dataset"], study.subjects[subject])))
