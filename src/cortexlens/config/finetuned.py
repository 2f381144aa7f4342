"""Networks that a study derives from others by fine-tuning, and the images that they learn from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from cortexlens.config.inputs import Row
from cortexlens.errors import CortexlensError
from cortexlens.storage.names import check_braces
from cortexlens.study.data_files import LABELLED_FILES, labelled_files
from cortexlens.study.files import named

# Sources whose networks cannot learn classes: fixed filters, and UNets, which take noise as input.
NOT_TUNED = ("control", "diffusers")
NO_ROOT = "(finetuning.root is not set)"


class Derived(NamedTuple):
    """The origin of a fine-tuned network.

    Attributes
    ----------
    base
        Identifier of the network that was fine-tuned.
    finetune
        Identifier of the dataset that it was fine-tuned on.
    step
        Training step of the checkpoint, or None for the weights that ``finetuning.mapped`` selects.
    """

    base: str
    finetune: str
    step: int | None

    @property
    def name(self) -> str:
        """Identifier of the fine-tuned network."""
        stem = f"{self.base}-{self.finetune}"
        return stem if self.step is None else f"{stem}-step{self.step}"


def named_rows(wanted: Sequence[str], table: Mapping[str, Row]) -> list[str]:
    """Resolve a key of the config that is a list of identifiers, or ``all`` rows of a table.

    Parameters
    ----------
    wanted
        Value of the key.
    table
        Rows of the table, by identifier.
    """
    return list(table) if wanted == "all" else list(wanted)


def derive(
    config: Mapping[str, Any], backbones: Mapping[str, Row], finetunes: Mapping[str, Row]
) -> list[Derived]:
    """List the networks that ``finetuned`` asks for, with one more per pair for each checkpoint.

    Parameters
    ----------
    config
        The complete config.
    backbones, finetunes
        Rows of the tables of networks and of fine-tuning datasets, by identifier.
    """
    pairs = {
        pair: None
        for item in config["finetuned"]
        for pair in product(
            named_rows(item["backbones"], backbones), named_rows(item["finetunes"], finetunes)
        )
    }
    steps = [None, *dict.fromkeys(config["finetuning"]["checkpoints"])]
    return [Derived(*pair, step) for pair, step in product(pairs, steps)]


def derived_rows(
    config: Mapping[str, Any], backbones: Mapping[str, Row], found: Sequence[Derived]
) -> dict[str, Row]:
    """Make the table rows of fine-tuned networks: the base's row with the path of its weights.

    Parameters
    ----------
    config
        The complete config.
    backbones
        Rows of the table of backbones, by identifier.
    found
        Fine-tuned networks, from :func:`derive`.
    """
    rows, mapped = {}, config["finetuning"]["mapped"]
    for derived in found:
        file = mapped if derived.step is None else f"step-{derived.step}"
        folder = Path("results", config["study"], "finetunes", derived.finetune, derived.base)
        tuned = str(folder / f"{file}.safetensors")
        rows[derived.name] = {**backbones[derived.base], "backbone": derived.name, "tuned": tuned}
    return rows


def finetune_files(config: Mapping[str, Any], row: Row) -> dict[str, Path]:
    """Find the user's files that a row of the table of fine-tuning datasets names.

    Parameters
    ----------
    config
        The complete config.
    row
        A row of the table.

    Returns
    -------
    dict
        Column (with a number, if it names several files) → file or folder; empty for synthetic
        images.

    Raises
    ------
    CortexlensError
        If a cell's wildcards match no file, a required cell is empty, or a path contains braces.
    """
    columns = LABELLED_FILES.get(row["kind"], ())
    for column in columns:
        if column not in row:
            raise CortexlensError(f"{column}: found an empty cell; kind {row['kind']} needs one.")
    if "root" not in config["finetuning"]:
        # A placeholder that snakemake reports as missing if a job needs these files.
        return {column: Path(NO_ROOT) / row[column] for column in columns}
    files = named(labelled_files(Path(config["finetuning"]["root"]), row))
    for path in files.values():
        check_braces(path)
    return files


def derived_faults(
    config: Mapping[str, Any],
    backbones: Mapping[str, Row],
    finetunes: Mapping[str, Row],
    found: Sequence[Derived],
) -> Iterator[str]:
    """Yield the faults of fine-tuned networks that can be seen without data.

    Parameters
    ----------
    config
        The complete config.
    backbones, finetunes
        Rows of the tables of networks and of fine-tuning datasets, by identifier.
    found
        Fine-tuned networks, from :func:`derive`.

    Yields
    ------
    str
        Key or table and row, what was found, what is allowed.
    """
    settings, names = config["finetuning"], [each.name for each in found]
    for derived in found:
        if derived.name in backbones or names.count(derived.name) > 1:
            yield (
                f"finetuned: network {derived.base!r} fine-tuned on {derived.finetune!r} is called "
                f"{derived.name!r}, as is another network; identifiers must be unique. Rename a "
                f"row of {config['backbones']} or {config['finetunes']}."
            )
    for step in settings["checkpoints"]:
        if step > settings["steps"]:
            yield (
                f"finetuning.checkpoints: found {step}; allowed are steps from 1 to "
                f"finetuning.steps, which is {settings['steps']}"
            )
    for base in dict.fromkeys(each.base for each in found):
        if backbones[base]["source"] in NOT_TUNED:
            yield (
                f"{config['backbones']}: backbone {base!r}: source {backbones[base]['source']} "
                f"cannot be fine-tuned; all sources but {' and '.join(NOT_TUNED)} can"
            )
    for name in dict.fromkeys(each.finetune for each in found):
        for column in LABELLED_FILES.get(finetunes[name]["kind"], ()):
            if column not in finetunes[name]:
                yield (
                    f"{config['finetunes']}: finetune {name!r}: {column}: found an empty cell; "
                    "a value is needed"
                )


def asks_for_root(
    config: Mapping[str, Any], finetunes: Mapping[str, Row], found: Iterable[Derived]
) -> bool:
    """Tell whether networks learn from the user's files while ``finetuning.root`` is not set.

    Parameters
    ----------
    config
        The complete config.
    finetunes
        Rows of the table of fine-tuning datasets, by identifier.
    found
        Fine-tuned networks, from :func:`derive`.
    """
    kinds = {finetunes[each.finetune]["kind"] for each in found}
    return "root" not in config["finetuning"] and bool(kinds & set(LABELLED_FILES))


def unusable_finetunes(
    config: Mapping[str, Any], finetunes: Mapping[str, Row], used: set[str]
) -> Iterator[str]:
    """Yield the faults of the fine-tuning datasets in use: missing files, columns or classes.

    Files are listed but no image is read. Nothing is checked unless ``finetuning.root`` is set.

    Parameters
    ----------
    config
        The complete config.
    finetunes
        Rows of the table of fine-tuning datasets, by identifier.
    used
        Identifiers of the datasets in use; others are not checked.
    """
    if "root" not in config["finetuning"]:
        return
    for name in (name for name in finetunes if name in used):
        where = f"{config['finetunes']}: finetune {name!r}"
        try:
            listed_classes(config, finetunes[name])
        except CortexlensError as error:
            yield f"{where}: {error}"


def listed_classes(config: Mapping[str, Any], row: Row) -> dict[str, list[str]]:
    """List the images of each class of a fine-tuning dataset; empty for synthetic images.

    Parameters
    ----------
    config
        The complete config.
    row
        Row of the table of fine-tuning datasets.

    Raises
    ------
    CortexlensError
        If a file is missing or a class has too few images; see
        :func:`cortexlens.study.pictures.labelled.list_classes`.
    """
    if row["kind"] not in LABELLED_FILES:
        return {}
    # imported here: Pillow is slow to import, and studies without fine-tuning do not need it
    from cortexlens.study.pictures.labelled import Labelled, list_classes

    files = finetune_files(config, row)
    labels = tuple(path for key, path in files.items() if key.startswith("labels"))
    source = Labelled(
        files["images"],
        labels,
        row.get("image_column"),
        row.get("label_column"),
        tuple(part.strip() for part in row.get("classes", "").split(",") if part.strip()),
    )
    return list_classes(source, config["finetuning"]["images_per_class"] + 1)


def drawn_pictures(config: Mapping[str, Any], row: Row) -> list[str]:
    """List the images that fine-tuning on a dataset trains or validates on, after sampling.

    Parameters
    ----------
    config
        The complete config.
    row
        Row of the table of fine-tuning datasets.

    Raises
    ------
    CortexlensError
        As for :func:`listed_classes`.
    """
    from cortexlens.finetuning.examples import part_classes

    settings = config["finetuning"]
    found = listed_classes(config, row)
    if not found:
        return []
    parts = part_classes(
        found, settings["images_per_class"], settings["validation_images"], config["seed"]
    )
    return [source for source, _ in (*parts.train, *parts.validation)]
