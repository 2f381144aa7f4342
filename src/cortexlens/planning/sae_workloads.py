"""Work, memory and disk of the jobs of `snakemake sae`."""

from collections.abc import Callable

from cortexlens.backbones.size import NetworkSize
from cortexlens.config.study import Study
from cortexlens.planning import analysis_workloads, workloads
from cortexlens.planning.workloads import HALF, SINGLE, TORCH_BASE, SubjectSize, Workload
from cortexlens.shapes import FURTHER_PICTURES

Sizes = Callable[[str, str], tuple[SubjectSize, NetworkSize, int]]


def _tables(study: Study, n_fits: int) -> Workload:
    """Workload of a table or figure over ``n_fits`` pairs of network and subject."""
    return analysis_workloads.plot(n_fits)


def _compared(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of comparing the units of a layer with vertices, and again per permutation."""
    given = study.config["sae"]
    who, network, grid = sizes(backbone, subject)
    return analysis_workloads.compared_units(
        *(who, max(network.channels), grid),
        units=int(given["expansion"] * max(network.channels)),
        shuffles=given["shuffles"],
        threads=study.config["threads"]["compare_units"],
    )


def _layer_tables(study: Study, sizes: Sizes) -> Workload:
    """Workload of tabulating layers of all dictionaries, with permutations of patches of cortex."""
    subjects = [sizes(*pair)[0] for pair in study.coded]
    n_vertices = sum(subject.n_vertices for subject in subjects)
    # Six lines and tables of as many regions: what channels take, and draws of patches.
    exchanged = analysis_workloads.channel_tables(
        subjects, study.config["analysis"]["permutations"]
    )
    drawn = analysis_workloads.bootstrapped(2 * len(subjects), 6 * n_vertices)
    work = {**exchanged.work, **drawn.work}
    return Workload(work, exchanged.memory + drawn.memory, drawn.disk)


def _dictionary_map(sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of drawing the maps of a dictionary."""
    who, network, _ = sizes(backbone, subject)
    return analysis_workloads.maps(who.n_vertices, len(network.channels))


def _film(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of a film: activations of every image per layer, responses, a small map per cell."""
    who, network, _ = sizes(backbone, subject)
    wanted = study.config["sae"]
    shown = len(wanted["shown"]) if isinstance(wanted["shown"], list) else wanted["shown"]
    codes = who.n_images * wanted["expansion"] * sum(network.channels)
    drawn = analysis_workloads.maps(who.n_vertices, shown * len(network.channels))
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
    """Workload of joining units of all layers and seeds, with intervals and p values per metric."""
    who, network, _ = sizes(backbone, subject)
    given, total = study.config["analysis"], sum(study.config["split"])
    units = int(study.config["sae"]["expansion"] * max(network.channels))
    return analysis_workloads.joined_units(
        *(who, study.config["split"][2] / total, given["bootstraps"], given["permutations"]),
        units=units * len(network.channels) * study.config["sae"]["seeds"],
        candidates=study.config["sae"]["kept"] * len(network.channels),
    )


def _table(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of tabulating dictionaries of all networks and subjects."""
    n_vertices = sum(sizes(*pair)[0].n_vertices for pair in study.coded)
    return analysis_workloads.summary(len(study.coded), n_vertices)


def _matched(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of matching the unit directions of each layer between seeds."""
    networks = {pair[0]: sizes(*pair)[1] for pair in study.coded}
    given = study.config["sae"]
    pairs = given["seeds"] * (given["seeds"] - 1) // 2
    return analysis_workloads.matched(
        [int(given["expansion"] * c) for each in networks.values() for c in each.channels], pairs
    )


def _listed(study: Study, sizes: Sizes) -> Workload:
    """Workload of listing additional images, whose number does not depend on the network."""
    return workloads.images(sizes(study.coded[0][0], FURTHER_PICTURES)[0])


def _autoencoder(study: Study, sizes: Sizes, backbone: str) -> Workload:
    """Workload of training an autoencoder of the widest layer on the images of all subjects.

    Products for every unit of every token, and about half as many for the active units.
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
        # The optimiser updates all weights in every step.
        "step_value": 2 * width * n_units * wanted["epochs"] * tokens / wanted["batch_size"],
    }
    # Weights, gradients and two moments; activations of a batch; tokens in memory.
    held = 10 * SINGLE * width * n_units + 4 * SINGLE * wanted["batch_size"] * n_units
    passed = 10 * network.largest + 2 * SINGLE * network.n_parameters
    memory = TORCH_BASE + held + passed + HALF * tokens * width
    return Workload(work, memory, 4 * SINGLE * 2 * width * n_units)


def _unit_tables(study: Study, sizes: Sizes) -> Workload:
    """Workload of tabulating preferences of units, with resamples and permutations of patches."""
    subjects = [sizes(*pair)[0] for pair in study.coded]
    given = study.config["analysis"]
    draws = given["bootstraps"] + given["permutations"]
    test = study.config["split"][2] / sum(study.config["split"])
    # Similarities of vertices and of their units: sums and squares per resample and image.
    drawn = sum(8 * draws * test * each.n_images * each.n_vertices for each in subjects)
    exchanged = analysis_workloads.channel_tables(subjects, 5 * given["permutations"])
    responses = max(each.n_images * each.n_vertices for each in subjects)
    work = {**exchanged.work, "bootstrap_product": drawn}
    memory = exchanged.memory + TORCH_BASE + 3 * SINGLE * responses + 1e9
    return Workload(work, memory, exchanged.disk)


def _unit_pages(study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of drawing units of some tens of regions: a small map and six images for each."""
    who, network, grid = sizes(backbone, subject)
    drawn = analysis_workloads.maps(who.n_vertices, 8)
    responses = who.n_trials * who.n_vertices
    units = study.config["sae"]["expansion"] * max(network.channels)
    work = {**drawn.work, "start_network": 1, "read_byte": SINGLE * responses}
    memory = TORCH_BASE + drawn.memory + SINGLE * (responses + 6 * grid**2 * units)
    return Workload(work, memory + 2 * SINGLE * units * max(network.channels), drawn.disk)


# Rule → function of study, sizes, network and subject (empty where it has none) that gives the
# workload of one of its jobs.
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


def sae_workload(rule: str, study: Study, sizes: Sizes, backbone: str, subject: str) -> Workload:
    """Workload of one of the rules in :data:`OF_SAES`.

    Parameters
    ----------
    rule, study
        Name of the rule, and the study.
    sizes
        Function of network and subject that returns their sizes and the side of the token grid.
    backbone, subject
        Wildcards of the job, empty where it has none.
    """
    return WORKLOADS[rule](study, sizes, backbone, subject)
