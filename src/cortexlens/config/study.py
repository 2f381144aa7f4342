"""A study: its config file and tables, read, validated and completed.

Whatever can be seen to be wrong without running anything is found here: unknown keys and columns,
values out of range, identifiers that name nothing, files and folders that are not there.
PyTorch is not imported: this is read anew by every call of the workflow.
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

# Sections that name networks and subjects, which are crossed.
PAIRED = ("recovery", "channels", "sae")


class Run(NamedTuple):
    """One fit to make: a readout of a backbone for a subject, each by its identifier."""

    readout: str
    backbone: str
    subject: str


@dataclass(frozen=True)
class Study:
    """A study that can run.

    Parameters
    ----------
    source
        Its config file.
    config
        The whole config, defaults filled in.
    subjects, backbones
        Identifier → row (column → text), filled cells only, in the order of the tables. Networks
        that fine-tuning makes follow: their base's row, with the cell ``tuned``.
    runs
        The fits to make, each once, in the order of the config.
    trust
        Further fits, that `snakemake trust` makes; some may be among ``runs``.
    recovered, channelled, coded
        Pairs of backbone and subject of sections ``recovery``, ``channels`` and ``sae``.
    finetunes
        Rows of fine-tuning data, as those of subjects.
    derived
        Identifier of each network that fine-tuning makes → what it comes from.
    finetuned
        Fits that `snakemake finetuning` makes, of these networks and of those that they come
        from; some may be among ``runs``.
    further
        Further fits, that `snakemake everything` makes.
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
        """All fits, of ``runs`` and of ``trust``, each once."""
        return tuple(dict.fromkeys([*self.runs, *self.trust]))

    @property
    def all_fits(self) -> tuple[Run, ...]:
        """Fits of all lists of the config, each once."""
        return tuple(dict.fromkeys([*self.fits, *self.finetuned, *self.further]))

    @property
    def main_readout(self) -> str:
        """Readout whose fits are mapped: ``stacked`` where ``runs`` has it, else ``factortopy``."""
        return main_readout(self.runs)

    @property
    def mapped(self) -> tuple[Run, ...]:
        """Fits of ``runs`` that are of the main readout."""
        return tuple(run for run in self.runs if run.readout == self.main_readout)

    @property
    def tabled(self) -> tuple[Run, ...]:
        """Fits of ``runs`` that tables of maps list: of every kind that gives maps."""
        return tuple(run for run in self.runs if run.readout in MAPPED)

    @property
    def name(self) -> str:
        """Identifier of the study; its results lie below ``results/{name}``."""
        return str(self.config["study"])

    @property
    def kind(self) -> str:
        """Kind of its dataset."""
        return str(self.config["dataset"]["kind"])


def load_study(
    path: Path, overrides: Mapping[str, Any] | None = None, *, data: bool = True
) -> Study:
    """Read a study and see that it can run.

    Parameters
    ----------
    path
        The config file (YAML). Paths in it start from the working directory.
    overrides
        Keys that replace the file's, nested as in the file.
    data
        Whether the data have to be there, and weights where nothing is fetched.

    Returns
    -------
    Study

    Raises
    ------
    CortexlensError
        One line: the first thing that is wrong, and how many more there are.
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
        None if anything is wrong.
    faults
        One line each: file, row, column or key, what was found, what is allowed.
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
    faults += _unfit_grids(study)
    if data and not faults:
        faults = list(dict.fromkeys(fault.line for fault in data_faults(study)))
    return (None, faults) if faults else (study, [])


class Fault(NamedTuple):
    """What is wrong with the files that a study names.

    Attributes
    ----------
    line
        Table, row, column, what was found, what is allowed.
    backbone, subject
        Identifier of the row, where it is one's.
    """

    line: str
    backbone: str | None = None
    subject: str | None = None


def data_faults(study: Study) -> list[Fault]:
    """List what a study names and does not find: data, weights where nothing is fetched, code.

    Parameters
    ----------
    study
        Whose config and tables are in order.
    """
    used = {derived.finetune for derived in study.derived.values()}
    return [
        *_unusable_backbones(study),
        *_unusable_subjects(study),
        *map(Fault, unusable_finetunes(study.config, study.finetunes, used)),
    ]


def used_backbones(study: Study) -> list[str]:
    """Rows of networks that any job of a study loads, in the order of the table.

    Without those that fine-tuning makes.
    """
    pairs = (*study.recovered, *study.channelled, *study.coded)
    used = {run.backbone for run in study.all_fits}
    used |= {study.config["dataset"].get("backbone"), *(name for name, _ in pairs)}
    used |= {derived.base for derived in study.derived.values()}
    return [name for name in study.backbones if name in used and name not in study.derived]


def used_subjects(study: Study) -> list[str]:
    """Rows of subjects that any job of a study reads, in the order of the table."""
    pairs = (*study.recovered, *study.channelled, *study.coded)
    used = {run.subject for run in study.all_fits} | {subject for _, subject in pairs}
    return [name for name in study.subjects if name in used]


def _with_fit(backbones: dict[str, Row], fit: str | None) -> dict[str, Row]:
    """Fill the empty cells of the column ``fit`` with the study's own default, if it has one.

    In the rows, so that it holds for all that shows pictures to a network, fine-tuning too.
    """
    if fit is None:
        return backbones
    return {name: {"fit": fit, **row} for name, row in backbones.items()}


def _finetunes(config: dict[str, Any], source: Path) -> tuple[dict[str, Row], list[str]]:
    """Read the table of fine-tuning data, where there is one."""
    if "finetunes" in config:
        return examine_table(Path(config["finetunes"]), "finetune", finetune_schema())
    needed = f"{source}: finetunes: found nothing; the table is needed, for finetuned lists runs"
    return {}, [needed] if config["finetuned"] else []


def _with_runs(study: Study) -> tuple[Study, list[str]]:
    """Fill in the fits, and the networks that fine-tuning makes; list what is wrong with them."""
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
    """Give the fits of networks that fine-tuning makes: as the item asks for its base's."""
    for item in study.config["finetuned"]:
        bases = named_rows(item["backbones"], study.backbones)
        finetunes = named_rows(item["finetunes"], study.finetunes)
        subjects = named_rows(item["subjects"], study.subjects)
        for name, derived in study.derived.items():
            if derived.base in bases and derived.finetune in finetunes:
                for subject, readout in product(subjects, item["readouts"]):
                    yield Run(readout, name, subject)


def merged(config: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Replace keys of a nested mapping by those of another; neither is changed."""
    result = dict(config)
    for key, value in overrides.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return result


def _unknown_ids(study: Study) -> Iterator[str]:
    """List identifiers in the config that name no row."""
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
    """Cross the items of each run of a list of the config."""
    for run in study.config[key]:
        backbones = named_rows(run["backbones"], study.backbones)
        subjects = named_rows(run["subjects"], study.subjects)
        for backbone, subject, readout in product(backbones, subjects, run["readouts"]):
            yield Run(readout, backbone, subject)


def _pairs(study: Study, key: str) -> Iterator[tuple[str, str]]:
    """Cross the networks and subjects of a section."""
    wanted = study.config[key]
    backbones = named_rows(wanted["backbones"], study.backbones)
    subjects = named_rows(wanted["subjects"], study.subjects)
    yield from product(backbones, subjects)


def _unusable_backbones(study: Study) -> Iterator[Fault]:
    """List what is wrong with the rows of backbones that the runs use."""
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
    """List the weights and code of a row that are not there."""
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
            f"{module!r}; install it, or put {module}.py into the working directory"
        )


def missing_weights(study: Study) -> dict[str, str]:
    """Backbones whose weights are to be fetched → one line: what, and where to put it."""
    places = {name: weights_place(study, row) for name, row in study.backbones.items()}
    return {
        name: missing_line(name, place)
        for name, place in places.items()
        if place is not None and not is_present(place, study.backbones[name]["source"])
    }


def weights_place(study: Study, row: Row) -> Fetched | None:
    """Place of a row's weights in the cache; None where nothing is fetched."""
    return fetched(row, study.config["weights_cache"])


def _unfit_grids(study: Study) -> Iterator[str]:
    """List grids of fits that do not divide the grid of the features that they read."""
    table = study.config["backbones"]
    found: dict[str, None] = {}
    for readout, fitted in dict.fromkeys((run.readout, run.backbone) for run in study.all_fits):
        name = study.derived[fitted].base if fitted in study.derived else fitted
        coarse = fit_settings(study.config, readout).get("grid")
        own = study.backbones[name].get("grid", "")
        # a cell that is no number has a fault of its own
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
    """List what the rows of subjects that the runs use name and does not exist."""
    yield from map(Fault, further_faults(study.config, study.subjects))
    rows = {name: study.subjects[name] for name in used_subjects(study)}
    where = study.config["subjects"]
    dataset = study.config["dataset"]
    if "root" in dataset and not Path(dataset["root"]).is_dir():
        line = (
            f"{study.source}: dataset.root: found {dataset['root']!r}; there is no such folder in "
            f"{Path.cwd()}. Set it to the folder that holds the data."
        )
        # one line, whichever of the subjects it keeps from being looked at
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
        # imports numpy and Pillow, which studies of other kinds need not wait for
        from cortexlens.study.pictures.image_set import parse_ranges

        for name, row in rows.items():
            try:
                parse_ranges(row["scenes"], dataset["n_scenes"], Path("scenes.tsv"))
            except CortexlensError as error:
                yield Fault(f"{where}: subject {name!r}: scenes: {error}", subject=name)
