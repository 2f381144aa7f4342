"""Forecast of what a study will need, before hours of work: counts, networks, disk and memory."""

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

# Largest number of similar lines to print: usually many images of a folder are damaged together.
MOST_LINES = 20
# Programs that submit jobs to other machines.
SUBMIT = ("sbatch", "qsub", "bsub", "condor_submit", "kubectl")
# With fewer test images, correlations mean little: with ten images, |r| exceeds 0.63 by chance in
# one vertex of twenty.
FEW_TEST_IMAGES = 10
# Fraction of the memory that the features of a fit may take if the config sets no limit.
HOST_SHARE = 0.5


@dataclass
class Forecast:
    """Findings on a study before it runs.

    Attributes
    ----------
    subjects, networks
        Id → what the subject or network has; those with an error are left out.
    to_fetch
        One line for each network whose weights are still to be downloaded.
    faults
        One line per error.
    fits
        Network → how non-square images are fitted to its input.
    notes
        Lines on behaviour that the user may not expect.
    warnings
        Lines on fits that can be made but would tell little.
    disk, memory
        Bytes that the features of all runs take, and that the largest fit needs.
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
    """Read the data of every subject, decode every image, and load every network that jobs use.

    Parameters
    ----------
    study
        The study.
    results
        Folder for its results; need not exist.
    known
        Errors that were found before; what they make unusable is skipped.

    Returns
    -------
    Forecast
        Its ``faults`` do not repeat the known ones.
    """
    found = Forecast()
    found.faults += _no_gpu(study, found.warnings)
    _see_subjects(study, known, found)
    found.faults += _damaged_further(study, known)
    unusable = {fault.backbone for fault in known}
    # a missing file of code means code that cannot be run
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
    """Report that the device of the config is missing: an error if jobs run on this machine."""
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
                f"{line} This machine has {submit}: jobs that it submits to machines with a "
                "GPU can run."
            )


def _see_subjects(study: Study, known: Sequence[Fault], found: Forecast) -> None:
    """Read every subject's data, and decode the images."""
    table, dataset = study.config["subjects"], study.config["dataset"]
    deal = Deal(study.config["seed"], tuple(study.config["split"]), memory_of(study))
    # each column of a table is checked on its own, even if another one names a missing file
    unusable = {fault.subject for fault in known} if study.kind != "table" else set()
    if "root" in dataset and not Path(dataset["root"]).is_dir():
        return
    for name in track(used_subjects(study), "subjects checked"):
        if name in unusable:
            continue
        try:
            found.subjects[name] = survey_subject(study.kind, dataset, study.subjects[name], deal)
        except CortexlensError as error:
            found.faults += few(f"{table}: subject {name!r}: {line}" for line in faults_of(error))


def _damaged_further(study: Study, known: Sequence[Fault]) -> Iterator[str]:
    """List damaged images among those for fine-tuning and for autoencoders."""
    sources: dict[str, list[str]] = {}
    config = study.config
    if "root" in config["finetuning"]:
        tuned = dict.fromkeys(derived.finetune for derived in study.derived.values())
        for name in tuned:
            with suppress(CortexlensError):  # an error that has already been reported
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
    """Folder that records which images were decoded completely."""
    return Path(study.config["weights_cache"]).expanduser()


def few(lines: Iterable[str]) -> list[str]:
    """Yield the first of many similar lines, and how many more there are."""
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
            else f"{survey.n_images} images, which give {counts}, because copies of an image "
            "are kept together and a given split is used as it is"
        )
        yield (
            f"{study.config['subjects']}: subject {name!r}: found {found_here}; at least {needed} "
            f"are needed, {LEAST_IMAGES} each for {', '.join(SPLIT_NAMES)}, to fit and to score. "
            "Add images."
        )


def _not_square(study: Study, found: Forecast) -> Iterator[str]:
    """Describe how non-square images of each subject are fitted to each network's input."""
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
            f" Because shapes differ, receptive-field centres with {' and '.join(of_window)} are "
            "given in the square that the network sees, not in the image."
            if of_window
            else ""
        )
        yield (
            f"subject {name!r}: {sum(shapes.values()):,} of {survey.n_images:,} images are "
            f"not square ({width} × {height} px{others}) and are shown as: {shown}. The column "
            f"fit of {study.config['backbones']} chooses {', '.join(FITS)}.{places}"
        )


def _network(study: Study, name: str, unusable: bool, to_fetch: list[str]) -> tuple[Network, str]:
    """Load a network, without weights that are missing or to be downloaded; also return its fit."""
    from cortexlens.backbones.fetch import check_published
    from cortexlens.backbones.network import load_backbone

    row = BackboneRow.from_columns(study.backbones[name])
    missing = missing_weights(study)
    if name in missing:
        check_published(row)
        to_fetch.append(
            f"{missing[name]}. Until then it cannot be checked that they are complete and fit the "
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
    """Set the bytes on disk of all features, and in memory of the largest fit."""
    planner = Planner(study, Path())
    stored: set[tuple[str, str]] = set()
    for readout, backbone, subject in sorted(study.runs):
        network, survey = found.networks.get(backbone), found.subjects.get(subject)
        if network is None or survey is None:
            continue
        kind = kind_of(study.config, readout)
        # Ridge regression needs no more than an encoder.
        as_kind = readout if kind in MAPPED else "factortopy"
        grid, settings = planner.grid(backbone), planner.settings(backbone, as_kind)
        if settings.memory is None:
            # As in a fit without a limit in the config: the rest is streamed from disk.
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
    """List FactorTopy fits of the runs that have too few training images.

    Variants that leave out or shuffle images are skipped, because they do so on purpose.
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
    """Memory of this machine in bytes."""
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def gigabytes(n_bytes: float) -> str:
    """Format a number of bytes in GB."""
    return f"{n_bytes / 1e9:.1f} GB"


def least_hours(jobs: list[JobCost], cores: int, n_gpus: int) -> float:
    """Lower bound on the hours from start to end, if no job ever waits for a free core or GPU.

    Parameters
    ----------
    jobs
        All jobs.
    cores, n_gpus
        Number of CPU cores and GPUs that they share.

    Returns
    -------
    float
        The largest of: all CPU work, all GPU work, and the longest chain of jobs that depend on
        each other.
    """
    on_cores = sum(job.seconds * min(job.threads, cores) for job in jobs) / max(cores, 1)
    on_gpus = sum(job.seconds for job in jobs if job.gpu) / max(n_gpus, 1)
    return max(on_cores, on_gpus, _longest_row(jobs)) / 3600


def _longest_row(jobs: list[JobCost]) -> float:
    """Seconds of the longest chain of jobs that depend on each other, with one job per rule."""
    once: dict[str, float] = {}
    pairs: dict[tuple[str, str], float] = {}
    for job in jobs:
        if job.backbone and job.subject:
            key = (job.backbone, job.subject)
            pairs[key] = pairs.get(key, 0.0) + job.seconds
        else:
            once[job.rule] = max(once.get(job.rule, 0.0), job.seconds)
    return max(pairs.values(), default=0.0) + sum(once.values())
