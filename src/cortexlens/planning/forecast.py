"""What a study is going to need, before hours of work: counts, networks, disk and memory."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.size import Network
from cortexlens.compute.schedule import Schedule, schedule, shortfalls
from cortexlens.config.finetuned import drawn_pictures
from cortexlens.config.readouts import MAPPED, fit_settings, kind_of
from cortexlens.config.study import Fault, Study, missing_weights, used_backbones, used_subjects
from cortexlens.errors import CortexlensError, faults_of
from cortexlens.planning import workloads
from cortexlens.planning.costs import JobCost
from cortexlens.planning.planner import Planner
from cortexlens.planning.sae_jobs import check_coded
from cortexlens.planning.stacked_workloads import stacked
from cortexlens.planning.workloads import SubjectSize
from cortexlens.progress import track
from cortexlens.shapes import SPLIT_NAMES, TEST
from cortexlens.study.pictures.frames import FITS, WINDOW, Frame
from cortexlens.study.pictures.image_set import ImageSet, list_pictures
from cortexlens.study.split import LEAST_IMAGES
from cortexlens.study.survey import Deal, Survey, survey_subject

# Lines of one kind that are shown: pictures of a folder are mostly damaged together.
MOST_LINES = 20
# Programs that send jobs to other machines.
SUBMIT = ("sbatch", "qsub", "bsub", "condor_submit", "kubectl")
# Below so few held-out images correlations say next to nothing: by chance |r| is above 0.63 in one
# vertex of twenty where there are ten.
FEW_TEST_IMAGES = 10
# Part of the memory that features of a fit may take where the config sets no bound.
HOST_SHARE = 0.5


@dataclass
class Forecast:
    """What was found.

    Attributes
    ----------
    subjects, networks
        Identifier → what it has; those with a fault are left out.
    to_fetch
        Lines on weights that are not there yet.
    faults
        One line each.
    fits
        Network → how it is shown non-square pictures.
    notes
        Lines on what is done that the person may not expect.
    warnings
        Lines on fits that can be made, and are not going to be worth much.
    disk, memory
        Bytes that the features of all runs take, and that the largest fit takes.
    """

    subjects: dict[str, Survey] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    to_fetch: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    fits: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    disk: float = 0.0
    memory: float = 0.0


def forecast(study: Study, results: Path, known: Sequence[Fault] = ()) -> Forecast:
    """Look at every subject and every picture, and load every network that jobs use.

    Parameters
    ----------
    study
        The study.
    results
        Folder that is going to hold its results; need not exist.
    known
        Faults that were found before; what they keep from being looked at is passed over.

    Returns
    -------
    Forecast
        Its faults without those that are known.
    """
    found = Forecast()
    found.faults += _no_gpu(study, found.warnings)
    _see_subjects(study, known, found)
    found.faults += _damaged_further(study, known)
    unusable = {fault.backbone for fault in known}
    # what is missing of code is code that cannot be run
    absent = {name for name in unusable if name and study.backbones[name]["source"] == "python"}
    names = [name for name in used_backbones(study) if name not in absent]
    for name in track(names, "networks loaded"):
        try:
            network = _network(study, name, name in unusable, found.to_fetch)
        except CortexlensError as error:
            which = f"backbone {name!r}: "
            named = "" if str(error).startswith(which) else which
            found.faults.append(f"{study.config['backbones']}: {named}{error}")
            continue
        if name not in unusable:
            found.networks[name], found.fits[name] = network
    found.faults += _undealt(study, found)
    lines = {fault.line for fault in known}
    found.faults = [line for line in dict.fromkeys(found.faults) if line not in lines]
    found.notes += _not_square(study, found)
    _sizes(study, found)
    found.faults += _shortages(found, results)
    found.warnings += _too_few_images(study, found)
    return found


def _no_gpu(study: Study, warnings: list[str]) -> Iterator[str]:
    """Say that the device of the config is not here: a fault where jobs run on this machine."""
    from cortexlens.compute.devices import check_device

    if study.config["device"] != "cuda":
        return
    try:
        check_device("cuda")
    except CortexlensError as error:
        line = f"{study.source}: {error}"
        submit = next((program for program in SUBMIT if shutil.which(program)), None)
        if submit is None:
            yield line
        else:
            warnings.append(
                f"{line} There is {submit} here: jobs that it sends to machines with a GPU run."
            )


def _see_subjects(study: Study, known: Sequence[Fault], found: Forecast) -> None:
    """Look into every subject's data, and decode the pictures."""
    table, dataset = study.config["subjects"], study.config["dataset"]
    deal = Deal(study.config["seed"], tuple(study.config["split"]), memory_of(study))
    # of a table every column is looked at by itself, also beside one that names no file
    unusable = {fault.subject for fault in known} if study.kind != "table" else set()
    if "root" in dataset and not Path(dataset["root"]).is_dir():
        return
    for name in track(used_subjects(study), "subjects seen"):
        if name in unusable:
            continue
        try:
            found.subjects[name] = survey_subject(study.kind, dataset, study.subjects[name], deal)
        except CortexlensError as error:
            found.faults += few(f"{table}: subject {name!r}: {line}" for line in faults_of(error))


def _damaged_further(study: Study, known: Sequence[Fault]) -> Iterator[str]:
    """List damaged pictures that networks are fine-tuned on, or autoencoders learn on."""
    sources: dict[str, list[str]] = {}
    config = study.config
    if "root" in config["finetuning"]:
        tuned = dict.fromkeys(derived.finetune for derived in study.derived.values())
        for name in tuned:
            with suppress(CortexlensError):  # a fault that is known
                drawn = drawn_pictures(config, study.finetunes[name])
                sources[f"{config['finetunes']}: finetune {name!r}"] = drawn
    place = Path(config["sae"].get("pictures", ""))
    if "pictures" in config["sae"] and study.coded and place.suffix != ".tsv":
        with suppress(CortexlensError):
            sources["sae.pictures"] = list(list_pictures(place).values())
    for where, given in sources.items():
        if given:
            yield from few(f"{where}: {line}" for line in _damaged(given, memory_of(study)))


def _damaged(sources: Sequence[str], memory: Path) -> Iterable[str]:
    from cortexlens.study.pictures.complete import damaged_pictures

    unique = list(dict.fromkeys(sources))
    try:
        return damaged_pictures(ImageSet.from_sources(unique, unique), memory)
    except CortexlensError as error:
        return faults_of(error)


def memory_of(study: Study) -> Path:
    """Folder that remembers which pictures were decoded to their ends."""
    return Path(study.config["weights_cache"]).expanduser()


def few(lines: Iterable[str]) -> list[str]:
    """Give the first of many lines that are alike, and how many more there are."""
    every = list(lines)
    more = len(every) - MOST_LINES
    return [*every[:MOST_LINES], *([f"{every[0].split(': ')[0]}: {more} more"] if more > 0 else [])]


def _undealt(study: Study, found: Forecast) -> Iterator[str]:
    """List subjects with too few images for every part of the split."""
    needed = LEAST_IMAGES * len(SPLIT_NAMES)
    for name, survey in found.subjects.items():
        if min(survey.parts) >= LEAST_IMAGES:
            continue
        counts = ", ".join(f"{n} {part}" for n, part in zip(survey.parts, SPLIT_NAMES, strict=True))
        found_here = (
            f"{survey.n_images} images"
            if survey.n_images < needed
            else f"{survey.n_images} images, which give {counts}, for copies of a picture stay "
            "together and a split that is given is taken as it is"
        )
        yield (
            f"{study.config['subjects']}: subject {name!r}: found {found_here}; at least {needed} "
            f"are needed, {LEAST_IMAGES} each for {', '.join(SPLIT_NAMES)}, to fit and to score. "
            "Add images."
        )


def _not_square(study: Study, found: Forecast) -> Iterator[str]:
    """Say how each network is shown a subject's non-square pictures."""
    for name, survey in found.subjects.items():
        shapes = {shape: n for shape, n in survey.shapes.items() if shape[0] != shape[1]}
        if not shapes or not found.fits:
            continue
        ways = {
            fit: [network for network, own in found.fits.items() if own == fit]
            for fit in FITS
            if fit in found.fits.values()
        }
        width, height = max(shapes, key=lambda shape: shapes[shape])
        others = " and others" if shapes.keys() - {(width, height)} else ""
        shown = "; ".join(f"{fit} for {', '.join(names)}" for fit, names in ways.items())
        of_window = [fit for fit in ways if Frame.of_sizes(fit, survey.shapes).of == WINDOW]
        places = (
            f" As shapes differ, receptive-field centres under {' and '.join(of_window)} are given "
            "in the square that the network sees, not in the picture."
            if of_window
            else ""
        )
        yield (
            f"subject {name!r}: {sum(shapes.values()):,} of {survey.n_images:,} images are "
            f"not square ({width} × {height} px{others}) and are shown as: {shown}. The column "
            f"fit of {study.config['backbones']} chooses {', '.join(FITS)}.{places}"
        )


def _network(study: Study, name: str, unusable: bool, to_fetch: list[str]) -> tuple[Network, str]:
    """Load a network, without weights that are not there or to be fetched; give its fit too."""
    from cortexlens.backbones.fetch import check_published
    from cortexlens.backbones.network import load_backbone

    row = BackboneRow.from_columns(study.backbones[name])
    missing = missing_weights(study)
    if name in missing:
        check_published(row)
        to_fetch.append(
            f"{missing[name]}. Until then it cannot be seen whether they are whole and fit the "
            "network"
        )
    if name in missing or unusable:
        row = replace(row, weights=None, weights_prefix=None, weights_without=None, tuned=None)
    loaded = load_backbone(row, cache=study.config["weights_cache"])
    check_coded(study, name, loaded.layer_names, loaded.channels)
    shown = loaded.preprocess
    size = Network(loaded.description["n_parameters"], tuple(loaded.channels), shown.input_size)
    return size, shown.fit


def _sizes(study: Study, found: Forecast) -> None:
    """Bytes on disk of all features, and in memory of the largest fit."""
    planner = Planner(study, Path())
    stored: set[tuple[str, str]] = set()
    for readout, backbone, subject in sorted(study.runs):
        network, survey = found.networks.get(backbone), found.subjects.get(subject)
        if network is None or survey is None:
            continue
        kind = kind_of(study.config, readout)
        # Ridge regression takes no more than an encoder.
        as_kind = readout if kind in MAPPED else "factortopy"
        grid, settings = planner.grid(backbone), planner.settings(backbone, as_kind)
        if settings.memory is None:
            # As a fit does where the config sets no bound: the rest is streamed.
            settings = replace(settings, memory=HOST_SHARE * machine_memory() / 1e9)
        size = SubjectSize(survey.n_images, survey.n_trials, survey.n_vertices or 0)
        if (backbone, subject) not in stored:
            stored.add((backbone, subject))
            found.disk += size.n_images * sum(network.channels) * (grid**2 + 1) * workloads.HALF
        count = stacked if kind == "stacked" else workloads.encoder
        fit = count(size, network.channels, grid, settings)
        found.memory = max(found.memory, fit.memory)


def _shortages(found: Forecast, results: Path) -> Iterator[str]:
    folders = [results.absolute(), *results.absolute().parents]
    there = next(folder for folder in folders if folder.exists())
    free = shutil.disk_usage(there).free
    if found.disk > free:
        yield (
            f"{there}: {gigabytes(free)} are free, the features of all runs take "
            f"{gigabytes(found.disk)}. Free space, lower features.grid, or run fewer networks."
        )
    memory = machine_memory()
    if found.memory > memory:
        yield (
            f"the largest fit takes about {gigabytes(found.memory)} of memory, this machine has "
            f"{gigabytes(memory)}. Lower memory or components in section stacked, memory or "
            "batch_size in section encoder, or features.grid, or name fewer layers in "
            "backbones.tsv."
        )


def _too_few_images(study: Study, found: Forecast) -> Iterator[str]:
    """List FactorTopy fits of the runs whose training images do not suffice.

    Variants that leave out images or shuffle them do so on purpose.
    """
    for name, seen in found.subjects.items():
        if min(seen.parts) >= LEAST_IMAGES and seen.parts[TEST] < FEW_TEST_IMAGES:
            counts = zip(seen.parts, SPLIT_NAMES, strict=True)
            yield (
                f"subject {name!r}: found {seen.n_images} images "
                f"({', '.join(f'{part} {n}' for n, part in counts)}); scores on so few test images "
                f"are mostly chance. Add images, so that test has at least {FEW_TEST_IMAGES}, or "
                "give test a larger share in split."
            )
    planner = Planner(study, Path())
    for run in dict.fromkeys(run._replace(backbone="") for run in study.runs):
        given = fit_settings(study.config, run.readout)
        survey = found.subjects.get(run.subject)
        on_purpose = any(given.get(key) for key in ("training_images", "half", "shuffled"))
        trained = kind_of(study.config, run.readout) == "factortopy"
        if survey is None or on_purpose or not trained:
            continue
        size = SubjectSize(survey.n_images, survey.n_trials, survey.n_vertices or 0)
        settings = planner.settings(study.runs[0].backbone, run.readout)
        n_images = round(workloads.train_images(size, settings))
        used = schedule(
            n_images * (1 - settings.selector_image_fraction),
            settings.batch_size,
            **{name: given.get(name) for name in Schedule.__dataclass_fields__},
        )
        for shortfall in shortfalls(n_images, used):
            yield f"subject {run.subject!r}, readout {run.readout!r}: {shortfall}"


def machine_memory() -> float:
    """Bytes of memory that this machine has."""
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def gigabytes(n_bytes: float) -> str:
    """Write a number of bytes, in GB."""
    return f"{n_bytes / 1e9:.1f} GB"


def least_hours(jobs: list[JobCost], cores: int, n_gpus: int) -> float:
    """Hours from start to end if nothing ever waits: no schedule is shorter.

    Parameters
    ----------
    jobs
        All jobs.
    cores, n_gpus
        Processor cores and GPUs that they share.

    Returns
    -------
    float
        The longest of: all work on the processor, all work on GPUs, the longest row of jobs that
        wait for each other.
    """
    on_cores = sum(job.seconds * min(job.threads, cores) for job in jobs) / max(cores, 1)
    on_gpus = sum(job.seconds for job in jobs if job.gpu) / max(n_gpus, 1)
    return max(on_cores, on_gpus, _longest_row(jobs)) / 3600


def _longest_row(jobs: list[JobCost]) -> float:
    """Seconds of the longest row of jobs that wait for each other, one of each rule at most."""
    once: dict[str, float] = {}
    pairs: dict[tuple[str, str], float] = {}
    for job in jobs:
        if job.backbone and job.subject:
            key = (job.backbone, job.subject)
            pairs[key] = pairs.get(key, 0.0) + job.seconds
        else:
            once[job.rule] = max(once.get(job.rule, 0.0), job.seconds)
    return max(pairs.values(), default=0.0) + sum(once.values())
