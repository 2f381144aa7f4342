"""The study that a config file and its tables describe: read, completed and validated.

Everything that can be seen to be wrong without running a job is reported here: unknown keys and
columns, values out of range, identifiers that name no row, missing files and folders. Every call
of the workflow reads the study anew, so this module must not import PyTorch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from cortexlens.backbones.cache import Fetched, fetched, is_present, missing_line
from cortexlens.backbones.checkpoints import weights_path
from cortexlens.backbones.row import BackboneRow
from cortexlens.config.finetuned import Derived as Derived
from cortexlens.config.finetuned import (
    derive,
    derived_faults,
    derived_rows,
    named_rows,
    unusable_finetunes,
)
from cortexlens.config.inputs import Row, data_files, further_faults, is_module
from cortexlens.config.reading import examine_config, examine_table
from cortexlens.config.readouts import MAPPED, RUN_LISTS, fit_settings, main_readout
from cortexlens.config.schema import (
    backbone_schema,
    finetune_schema,
    read_yaml,
    subject_schema,
)
from cortexlens.errors import CortexlensError
from cortexlens.storage.names import check_braces
from cortexlens.study.files import absence

# Sections of the config that list networks and subjects; every pair of the two is a job.
PAIRED = ("recovery", "channels", "sae")


class Run(NamedTuple):
    """A single fit: one readout of one backbone for one subject, given by their identifiers."""

    readout: str
    backbone: str
    subject: str


@dataclass(frozen=True)
class Study:
    """A validated study, ready to run.

    Parameters
    ----------
    source
        Path of the config file.
    config
        The complete config, with defaults filled in.
    subjects, backbones
        Rows of the tables in table order: identifier → {column: text}, without empty cells.
        ``backbones`` ends with the networks that fine-tuning produces; each has its base network's
        row plus the cell ``tuned``.
    runs
        Fits of the config's list ``runs``, in config order and without duplicates.
    trust
        Fits that `snakemake trust` adds; some may also be in ``runs``.
    recovered, channelled, coded
        Pairs (backbone, subject) of the config's sections ``recovery``, ``channels`` and ``sae``.
    finetunes
        Rows of the table of fine-tuning datasets, in the same form as ``subjects``.
    derived
        Fine-tuned networks: identifier → base network, fine-tuning dataset and step.
    finetuned
        Fits that `snakemake finetuning` makes, of fine-tuned networks and of their base networks;
        some may also be in ``runs``.
    further
        Fits that `snakemake everything` adds.
    """

    source: Path
    config: dict[str, Any]
    subjects: dict[str, Row]
    backbones: dict[str, Row]
    runs: tuple[Run, ...]
    trust: tuple[Run, ...] = ()
    recovered: tuple[tuple[str, str], ...] = ()
    channelled: tuple[tuple[str, str], ...] = ()
    coded: tuple[tuple[str, str], ...] = ()
    finetunes: dict[str, Row] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    finetuned: tuple[Run, ...] = ()
    further: tuple[Run, ...] = ()

    @property
    def fits(self) -> tuple[Run, ...]:
        """All fits of ``runs`` and ``trust``, without duplicates."""
        return tuple(dict.fromkeys([*self.runs, *self.trust]))

    @property
    def all_fits(self) -> tuple[Run, ...]:
        """All fits of every list in the config, without duplicates."""
        return tuple(dict.fromkeys([*self.fits, *self.finetuned, *self.further]))

    @property
    def main_readout(self) -> str:
        """Readout that maps are drawn from: ``stacked`` if ``runs`` has it, else ``factortopy``."""
        return main_readout(self.runs)

    @property
    def mapped(self) -> tuple[Run, ...]:
        """Fits of ``runs`` that use the main readout."""
        return tuple(run for run in self.runs if run.readout == self.main_readout)

    @property
    def tabled(self) -> tuple[Run, ...]:
        """Fits of ``runs`` that tables of maps list: those of every readout that yields maps."""
        return tuple(run for run in self.runs if run.readout in MAPPED)

    @property
    def name(self) -> str:
        """Identifier of the study; its results are written to ``results/{name}``."""
        return str(self.config["study"])

    @property
    def kind(self) -> str:
        """Kind of the dataset, as in ``dataset.kind`` of the config."""
        return str(self.config["dataset"]["kind"])


def load_study(
    path: Path, overrides: Mapping[str, Any] | None = None, *, data: bool = True
) -> Study:
    """Read and validate a study.

    Parameters
    ----------
    path
        The config file (YAML). Paths in it are relative to the working directory.
    overrides
        Values that replace those of the file, nested as in the file.
    data
        Whether to require that the data exist, and, with ``offline``, the network weights.

    Returns
    -------
    Study

    Raises
    ------
    CortexlensError
        If anything is wrong. The message is one line: the first fault and the number of others.
    """
    study, faults = examine_study(path, overrides, data=data)
    if study is None:
        more = f" ({len(faults) - 1} more: `cortexlens check` lists them)" if faults[1:] else ""
        raise CortexlensError(faults[0] + more)
    return study


def examine_study(
    path: Path, overrides: Mapping[str, Any] | None = None, *, data: bool = True
) -> tuple[Study | None, list[str]]:
    """Read a study and list everything that is wrong with it.

    Parameters
    ----------
    path, overrides, data
        As for :func:`load_study`.

    Returns
    -------
    study
        The study, or None if there are faults.
    faults
        One line per fault: file, row, column or key, what was found and what is allowed.
    """
    try:
        config, faults = examine_config(merged(read_yaml(path), overrides or {}), path)
        if faults:
            return None, faults
        subject_row = subject_schema(config["dataset"]["kind"])
        subjects, faults = examine_table(Path(config["subjects"]), "subject", subject_row)
        backbones, more = examine_table(Path(config["backbones"]), "backbone", backbone_schema())
        backbones = _with_fit(backbones, config["features"].get("fit"))
        finetunes, yet_more = _finetunes(config, path)
    except CortexlensError as error:
        return None, [str(error)]
    study = Study(path, config, subjects, backbones, runs=(), finetunes=finetunes)
    faults += [*more, *yet_more, *_unknown_ids(study)]
    if faults:
        return None, faults
    study, faults = _with_runs(study)
    faults += _indivisible_grids(study)
    if data and not faults:
        faults = list(dict.fromkeys(fault.line for fault in data_faults(study)))
    return (None, faults) if faults else (study, [])


class Fault(NamedTuple):
    """A fault of the files that a study refers to.

    Attributes
    ----------
    line
        The message: table, row, column, what was found and what is allowed.
    backbone, subject
        Identifier of the row at fault, if the fault belongs to a single row.
    """

    line: str
    backbone: str | None = None
    subject: str | None = None


def data_faults(study: Study) -> list[Fault]:
    """List missing or unusable files of a study: data, code, and with ``offline`` weights.

    Parameters
    ----------
    study
        A study whose config and tables are valid.
    """
    used = {derived.finetune for derived in study.derived.values()}
    return [
        *_unusable_backbones(study),
        *_unusable_subjects(study),
        *map(Fault, unusable_finetunes(study.config, study.finetunes, used)),
    ]


def used_backbones(study: Study) -> list[str]:
    """List the backbones that any job of a study loads, in table order.

    Networks that fine-tuning produces are left out; their base networks are included.
    """
    pairs = (*study.recovered, *study.channelled, *study.coded)
    used = {run.backbone for run in study.all_fits}
    used |= {study.config["dataset"].get("backbone"), *(name for name, _ in pairs)}
    used |= {derived.base for derived in study.derived.values()}
    return [name for name in study.backbones if name in used and name not in study.derived]


def used_subjects(study: Study) -> list[str]:
    """List the subjects that any job of a study reads, in table order."""
    pairs = (*study.recovered, *study.channelled, *study.coded)
    used = {run.subject for run in study.all_fits} | {subject for _, subject in pairs}
    return [name for name in study.subjects if name in used]


def _with_fit(backbones: dict[str, Row], fit: str | None) -> dict[str, Row]:
    """Fill empty cells of the column ``fit`` with ``features.fit`` of the config, if it is set.

    The rows are filled in, so that all code that prepares images for a network, fine-tuning
    included, uses the same value.
    """
    if fit is None:
        return backbones
    return {name: {"fit": fit, **row} for name, row in backbones.items()}


def _finetunes(config: dict[str, Any], source: Path) -> tuple[dict[str, Row], list[str]]:
    """Read the table of fine-tuning datasets, if the config names one."""
    if "finetunes" in config:
        return examine_table(Path(config["finetunes"]), "finetune", finetune_schema())
    missing = f"{source}: finetunes: found nothing; finetuned lists runs, which need this table"
    return {}, [missing] if config["finetuned"] else []


def _with_runs(study: Study) -> tuple[Study, list[str]]:
    """Add the fits and the fine-tuned networks to a study; list what is wrong with them."""
    lists = {key: list(dict.fromkeys(_runs(study, key))) for key in RUN_LISTS}
    found = derive(study.config, study.backbones, study.finetunes)
    faults = list(derived_faults(study.config, study.backbones, study.finetunes, found))
    recovered, channelled, coded = (tuple(dict.fromkeys(_pairs(study, key))) for key in PAIRED)
    study = replace(
        study,
        runs=tuple(lists["runs"]),
        trust=tuple(lists["trust"]),
        further=tuple(lists["further"]),
        recovered=recovered,
        channelled=channelled,
        coded=coded,
        derived={each.name: each for each in found},
    )
    finetuned = [*lists["finetuned"], *_tuned_runs(study)]
    rows = {**study.backbones, **derived_rows(study.config, study.backbones, found)}
    return replace(study, finetuned=tuple(dict.fromkeys(finetuned)), backbones=rows), faults


def _tuned_runs(study: Study) -> Iterator[Run]:
    """Yield the fits of fine-tuned networks, for every subject and readout of their item."""
    for item in study.config["finetuned"]:
        bases = named_rows(item["backbones"], study.backbones)
        finetunes = named_rows(item["finetunes"], study.finetunes)
        subjects = named_rows(item["subjects"], study.subjects)
        for name, derived in study.derived.items():
            if derived.base in bases and derived.finetune in finetunes:
                for subject, readout in product(subjects, item["readouts"]):
                    yield Run(readout, name, subject)


def merged(config: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Merge a nested mapping with overrides, which win; neither argument is changed."""
    result = dict(config)
    for key, value in overrides.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return result


def _unknown_ids(study: Study) -> Iterator[str]:
    """Yield one line for each identifier in the config that names no row of its table."""
    tables = {
        **{"backbones": study.backbones, "subjects": study.subjects},
        "finetunes": study.finetunes,
    }
    parts = {f"{key}[{i}]": run for key in RUN_LISTS for i, run in enumerate(study.config[key])}
    parts |= {key: study.config[key] for key in PAIRED}
    for part, run in parts.items():
        for key, table in tables.items():
            for name in () if run.get(key, "all") == "all" else run[key]:
                if name not in table:
                    yield (
                        f"{study.source}: {part}.{key}: found {name!r}; rows of "
                        f"{study.config[key]} are {', '.join(table)}"
                    )
    source = study.config["dataset"].get("backbone")
    if source is not None and source not in study.backbones:
        yield (
            f"{study.source}: dataset.backbone: found {source!r}; rows of "
            f"{study.config['backbones']} are {', '.join(study.backbones)}"
        )


def _runs(study: Study, key: str) -> Iterator[Run]:
    """Yield every combination of backbone, subject and readout of a list of the config."""
    for run in study.config[key]:
        backbones = named_rows(run["backbones"], study.backbones)
        subjects = named_rows(run["subjects"], study.subjects)
        for backbone, subject, readout in product(backbones, subjects, run["readouts"]):
            yield Run(readout, backbone, subject)


def _pairs(study: Study, key: str) -> Iterator[tuple[str, str]]:
    """Yield every pair of backbone and subject of a section of the config."""
    section = study.config[key]
    backbones = named_rows(section["backbones"], study.backbones)
    subjects = named_rows(section["subjects"], study.subjects)
    yield from product(backbones, subjects)


def _unusable_backbones(study: Study) -> Iterator[Fault]:
    """Yield the faults of backbone rows; missing files only for rows that jobs use."""
    table, used = study.config["backbones"], used_backbones(study)
    missing = missing_weights(study) if study.config["offline"] else {}
    for name, cells in study.backbones.items():
        try:
            row = BackboneRow.from_columns(cells)
            if name in used:
                row.check_trust()
        except CortexlensError as error:
            yield Fault(f"{table}: {error}", backbone=name)
            continue
        if name in used:
            for line in _absent_files(row, missing):
                yield Fault(f"{table}: {line}", backbone=name)


def _absent_files(row: BackboneRow, missing: Mapping[str, str]) -> Iterator[str]:
    """Yield one line for each weights file or module of code of a row that is missing."""
    try:
        for path in (weights_path(row.weights), weights_path(row.tuned)):
            if path is not None:
                check_braces(path)
    except CortexlensError as error:
        yield f"backbone {row.backbone!r}: {error}"
    if row.backbone in missing:
        yield missing[row.backbone]
    module = row.name.partition(":")[0]
    if row.source == "python" and not is_module(module):
        yield (
            f"backbone {row.backbone!r}: name: found {row.name!r}, but there is no module "
            f"{module!r}; install it, or put {module}.py in the working directory"
        )


def missing_weights(study: Study) -> dict[str, str]:
    """Map backbones whose weights must be downloaded first to a line that says what goes where.

    Parameters
    ----------
    study
        The study; its option ``offline`` is not considered.
    """
    places = {name: weights_place(study, row) for name, row in study.backbones.items()}
    return {
        name: missing_line(name, place)
        for name, place in places.items()
        if place is not None and not is_present(place, study.backbones[name]["source"])
    }


def weights_place(study: Study, row: Row) -> Fetched | None:
    """Location of a row's weights in the cache, or None for a row that downloads nothing.

    Parameters
    ----------
    study
        The study, whose config names the cache.
    row
        Row of the table of backbones.
    """
    return fetched(row, study.config["weights_cache"])


def _indivisible_grids(study: Study) -> Iterator[str]:
    """Yield one line for each fit whose grid does not divide the grid of its features."""
    table = study.config["backbones"]
    found: dict[str, None] = {}
    for readout, fitted in dict.fromkeys((run.readout, run.backbone) for run in study.all_fits):
        name = study.derived[fitted].base if fitted in study.derived else fitted
        coarse = fit_settings(study.config, readout).get("grid")
        own = study.backbones[name].get("grid", "")
        # a cell that is not a number is reported elsewhere
        side = int(float(own)) if own else study.config["features"]["grid"]
        if coarse is None or side % coarse == 0:
            continue
        variant = study.config["variants"].get(readout, {})
        key = f"variants.{readout}.grid" if "grid" in variant else "encoder.grid"
        if own:
            line = (
                f"{table}: backbone {name!r}: grid: found {side}; allowed are multiples of {key}, "
                f"which is {coarse}"
            )
        else:
            divisors = ", ".join(str(each) for each in range(1, side + 1) if side % each == 0)
            line = (
                f"{study.source}: {key}: found {coarse}; allowed are divisors of features.grid, "
                f"which is {side}: {divisors}"
            )
        found[line] = None
    yield from found


def _unusable_subjects(study: Study) -> Iterator[Fault]:
    """Yield the faults of the used subjects: missing files, invalid paths, scenes out of range."""
    yield from map(Fault, further_faults(study.config, study.subjects))
    rows = {name: study.subjects[name] for name in used_subjects(study)}
    where = study.config["subjects"]
    dataset = study.config["dataset"]
    if "root" in dataset and not Path(dataset["root"]).is_dir():
        line = (
            f"{study.source}: dataset.root: found {dataset['root']!r}; there is no such folder in "
            f"{Path.cwd()}. Set it to the folder that holds the data."
        )
        # the same line for every subject, so that it is shown once but each is marked unusable
        yield from (Fault(line, subject=name) for name in rows or (None,))
    elif "root" in dataset:
        try:
            check_braces(Path(dataset["root"]))
        except CortexlensError as error:
            line = f"{study.source}: dataset.root: {error}"
            yield from (Fault(line, subject=name) for name in rows or (None,))
            return
        for name, row in rows.items():
            try:
                files = data_files(dataset, row)
                for path in files.values():
                    check_braces(path)
            except CortexlensError as error:
                yield Fault(f"{where}: subject {name!r}: {error}", subject=name)
                continue
            for column, path in files.items():
                absent = absence(path)
                if absent is not None:
                    line = f"{where}: subject {name!r}: {column}: {path} {absent}"
                    yield Fault(line, subject=name)
    else:
        # imported here: NumPy and Pillow are slow to import, and other kinds do not need them
        from cortexlens.study.pictures.image_set import parse_ranges

        for name, row in rows.items():
            try:
                parse_ranges(row["scenes"], dataset["n_scenes"], Path("scenes.tsv"))
            except CortexlensError as error:
                yield Fault(f"{where}: subject {name!r}: scenes: {error}", subject=name)
