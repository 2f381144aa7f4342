"""A row of ``backbones.tsv``: a network, its weights, its layers and its preprocessing."""

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from cortexlens.errors import CortexlensError
from cortexlens.study.pictures.frames import FITS

SOURCES = ("zoo", "timm", "torchvision", "open_clip", "diffusers", "python", "control")
CHANNEL_ORDERS = ("RGB", "BGR")
PIXEL_RANGES = (1, 255)
INTERPOLATIONS = ("bicubic", "bilinear")
GLOBAL_TOKENS = ("class", "mean")
LARGEST_INPUT = 4096
LARGEST_GRID = 64
ARGUMENTS_PATTERN = re.compile(r"[A-Za-z_]\w*=[^,=]+(,[A-Za-z_]\w*=[^,=]+)*")
WHOLE_NUMBERS = (
    "input_size",
    "pixel_range",
    "prefix_tokens",
    "seed",
    "timestep",
    "inversion_steps",
    "grid",
)
# Columns of the table that group networks for analyses and do not affect any network.
LABELS = ("family", "size")
ID_PATTERN = re.compile(r"[a-z0-9-]+")
STEPS_PATTERN = re.compile(r"(\d{1,4})(?:-(\d{1,4})(?::(\d{1,4}))?)?")
FACTORY_PATTERN = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class BackboneRow:
    """A network with a set of weights, the layers to read and the preprocessing of images.

    Parameters
    ----------
    backbone
        Identifier: lower-case letters, digits and hyphens.
    source
        Origin of the network: ``zoo`` (demo networks of cortexlens), ``timm``, ``torchvision``,
        ``open_clip`` (visual tower), ``diffusers`` (blocks of a UNet or transformer), ``python``
        (the user's function) or ``control`` (fixed filters, see
        :mod:`cortexlens.backbones.controls`).
    name
        Model name in that source; for ``python``, ``module:factory``, where factory is a function
        without arguments that returns a ``torch.nn.Module``.
    weights
        A ``.safetensors``, ``.pt``, ``.pth``, ``.pth.tar``, ``.th`` or ``.bin`` file or its URL,
        ``packaged:NAME`` (shipped with cortexlens), ``pretrained`` (as published by the source), or
        None: untrained.
    weights_prefix
        Only tensors of the file whose names begin with this prefix are loaded; the prefix is
        removed.
    weights_without
        Comma-separated patterns of tensors of the file (names without the prefix) to leave out,
        such as a head. Any other tensor that the network lacks is an error.
    tuned
        A ``.safetensors`` file of fine-tuned weights, written by the stage ``finetune``; they
        replace all other weights once the network is built.
    arguments
        ``key=value,…`` for the constructor of a timm or torchvision network.
    layers
        ``all``, a comma-separated list of block indices, or a comma-separated list of module names,
        in which ``*``, ``?`` and ``[…]`` match anything but a dot.
    input_size
        Side in pixels of the square that every image is resized to.
    fit
        How a non-square image becomes a square: ``squash``, ``crop`` or ``pad``, see
        :class:`cortexlens.backbones.preprocessing.Preprocessing`.
    mean, std
        Three numbers each, in units of ``pixel_range`` and in the order of ``channel_order``.
    channel_order
        ``RGB`` or ``BGR``.
    pixel_range
        1: pixel values from 0 to 1; 255: from 0 to 255.
    interpolation
        ``bicubic`` or ``bilinear``, with antialiasing.
    global_token
        ``class`` (class token) or ``mean`` (mean over the map); None: the class token if the
        network has one, else the mean.
    prefix_tokens
        Number of class, register and prompt tokens before those of the map in a layer of shape
        (image, token, channel); None: as the network states.
    timestep
        Time step whose noise is added for a diffusion network without ``time_steps``; None: 50.
    inversion_steps
        Number of steps of a diffusion network's inversion; None: 50.
    time_steps
        Steps of the inversion, from 1, at which layers are read, see :func:`parse_steps`. Several
        steps require a single layer, and the layer axis is then time. None: no inversion.
    grid
        Side of the grid of local tokens, overriding the config's; None: as in the config. It does
        not affect the network itself.
    seed
        Seed of the initial weights of an untrained network, and of a diffusion network's noise.
    trust
        ``python`` if the module of source ``python`` may be executed; required unless the module
        belongs to cortexlens, see :meth:`check_trust`.

    Raises
    ------
    CortexlensError
        If a value is not allowed; the message names the row, the value and the choices.

    Notes
    -----
    If ``input_size``, ``fit``, ``mean``, ``std`` or ``interpolation`` is None, the library's
    setting for this network applies (see :mod:`cortexlens.backbones.preprocessing`).
    """

    backbone: str
    source: str
    name: str
    weights: str | None = None
    weights_prefix: str | None = None
    weights_without: str | None = None
    tuned: str | None = None
    arguments: str | None = None
    layers: str = "all"
    input_size: int | None = None
    mean: tuple[float, float, float] | None = None
    std: tuple[float, float, float] | None = None
    channel_order: str = "RGB"
    pixel_range: int = 1
    interpolation: str | None = None
    global_token: str | None = None
    prefix_tokens: int | None = None
    timestep: int | None = None
    inversion_steps: int | None = None
    time_steps: str | None = None
    grid: int | None = None
    seed: int = 0
    trust: str | None = None
    fit: str | None = None

    def __post_init__(self) -> None:
        if not ID_PATTERN.fullmatch(self.backbone):
            self._refuse("backbone", "lower-case letters, digits and hyphens")
        self._one_of("source", SOURCES)
        self._one_of("channel_order", CHANNEL_ORDERS)
        self._one_of("pixel_range", PIXEL_RANGES)
        self._one_of("interpolation", (None, *INTERPOLATIONS))
        self._one_of("fit", (None, *FITS))
        self._one_of("global_token", (None, *GLOBAL_TOKENS))
        self._one_of("trust", (None, "python"))
        if self.trust is not None and self.source != "python":
            self._refuse("trust", "an empty cell unless the source is python")
        if not self.name:
            self._refuse("name", "the name of a network")
        if self.source == "python" and not FACTORY_PATTERN.fullmatch(self.name):
            self._refuse("name", "module:factory for source python")
        if self.source == "control":
            for column in ("weights", "tuned", "input_size"):
                if getattr(self, column) is not None:
                    self._refuse(column, "an empty cell for source control")
        if self.weights == "pretrained" and self.source in ("zoo", "python"):
            self._refuse("weights", f"a file or packaged:NAME for source {self.source}")
        if not all(part.strip() for part in self.layers.split(",")):
            self._refuse("layers", "all, block numbers or module names, separated by commas")
        if self.input_size is not None and not 1 <= self.input_size <= LARGEST_INPUT:
            self._refuse("input_size", f"a whole number of pixels from 1 to {LARGEST_INPUT}")
        if self.prefix_tokens is not None and self.prefix_tokens < 0:
            self._refuse("prefix_tokens", "a whole number of at least 0")
        if not 0 <= self.seed < 2**63:
            self._refuse("seed", "a whole number of at least 0")
        self._check_statistics()
        self._check_additions()

    def _check_additions(self) -> None:
        """Check the columns that apply only to some sources or only to weights from files."""
        if self.arguments is not None:
            if self.source not in ("timm", "torchvision"):
                self._refuse("arguments", "an empty cell unless the source is timm or torchvision")
            if not ARGUMENTS_PATTERN.fullmatch(self.arguments):
                self._refuse("arguments", "key=value pairs, separated by commas")
        if self.timestep is not None and (self.source != "diffusers" or self.timestep < 0):
            self._refuse("timestep", "a whole number of at least 0, for source diffusers only")
        self._check_inversion()
        if self.grid is not None and not 1 <= self.grid <= LARGEST_GRID:
            self._refuse("grid", f"a whole number of tokens from 1 to {LARGEST_GRID}")
        if self.source == "diffusers" and self.weights not in (None, "pretrained"):
            self._refuse("weights", "pretrained or an empty cell for source diffusers")
        for column in ("weights_prefix", "weights_without"):
            if getattr(self, column) is not None and self.weights in (None, "pretrained"):
                self._refuse(column, "an empty cell unless weights is a file or URL")

    def _check_inversion(self) -> None:
        """Check the columns of diffusion networks that invert images."""
        if self.time_steps is None:
            if self.inversion_steps is not None:
                self._refuse("inversion_steps", "an empty cell if time_steps is empty")
            return
        if self.source not in ("diffusers", "zoo"):
            self._refuse("time_steps", "an empty cell unless the network is a diffusion network")
        if self.timestep is not None:
            self._refuse("timestep", "an empty cell if time_steps is filled")
        if not self.steps:
            self._refuse("time_steps", "steps from 1, such as 25, or 5,10,15, or 5-50:5")
        if self.inversion_steps is not None and self.inversion_steps < self.steps[-1]:
            self._refuse("inversion_steps", f"at least {self.steps[-1]}, the last of time_steps")

    def check_trust(self) -> None:
        """Refuse to run code from outside cortexlens without the user's consent.

        Raises
        ------
        CortexlensError
            If the source is ``python``, its module does not belong to cortexlens, and ``trust`` is
            empty.
        """
        own = self.name.startswith("cortexlens.")
        if self.source == "python" and self.trust is None and not own:
            module = self.name.partition(":")[0]
            raise CortexlensError(
                f"backbone {self.backbone!r}: column trust is empty, and {self.name} would run "
                f"code of the module {module}; allowed: python. Read the module, and fill in "
                "python (on the command line, --trust python) if it may run."
            )

    @property
    def steps(self) -> tuple[int, ...]:
        """The column ``time_steps`` as ascending numbers; empty if images are not inverted."""
        return parse_steps(self.time_steps or "")

    @property
    def keywords(self) -> dict[str, Any]:
        """The column ``arguments`` as a dict; numbers, true and false are parsed."""
        pairs = (part.split("=") for part in (self.arguments or "").split(",") if part)
        return {key.strip(): _literal(value.strip()) for key, value in pairs}

    def _check_statistics(self) -> None:
        for column in ("mean", "std"):
            values = getattr(self, column)
            if values is None:
                continue
            if not all(map(math.isfinite, values)):
                self._refuse(column, "three finite numbers")
        if self.std is not None and min(self.std) <= 0:
            self._refuse("std", "three numbers above 0")
        if (self.mean is None) != (self.std is None):
            self._refuse(
                "mean" if self.mean is None else "std",
                "a value in both mean and std, or in neither",
            )
        if self.mean is not None and self.std is not None:
            self._check_units(self.mean, self.std)

    def _check_units(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        """Refuse statistics for pixels from 0 to 255 if pixels range from 0 to 1, and vice versa.

        The network would run without error, but on inputs that are nearly uniform or far outside
        the range that it was trained on.
        """
        other = 255 if self.pixel_range == 1 else 1
        if self.pixel_range == 1:
            # neither mean nor standard deviation can exceed the range of pixel values
            wrong = {"mean": max(mean) > 1, "std": max(std) > 1}
        else:
            # mean 0 and std 1 are common and mean that pixel values are used unchanged
            wrong = {"mean": min(mean) >= 0 and 0 < max(mean) < 1, "std": max(std) < 1}
        for column in (name for name, found in wrong.items() if found):
            self._refuse(
                column,
                f"numbers in units of pixel_range, which is {self.pixel_range} (pixels go from 0 "
                f"to {self.pixel_range}); if the network takes pixels from 0 to {other}, set "
                f"pixel_range to {other}, else write {column} in units of {self.pixel_range}",
            )

    def _one_of(self, column: str, choices: tuple[object, ...]) -> None:
        if getattr(self, column) not in choices:
            names = [str(choice) for choice in choices if choice is not None]
            self._refuse(column, " or ".join(names))

    def _refuse(self, column: str, allowed: str) -> NoReturn:
        found = getattr(self, column)
        if isinstance(found, tuple):
            found = ",".join(f"{value:g}" for value in found)
        refuse(self.backbone, column, found, allowed)

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> "BackboneRow":
        """Make a row from the cells of a table or the options of a command.

        Parameters
        ----------
        columns
            Column name → value: text as written in the table, a number, or None. Empty text, None
            and NaN mean an empty cell, for which the default applies. :data:`LABELS` are ignored.

        Returns
        -------
        BackboneRow

        Raises
        ------
        CortexlensError
            If a column is unknown, missing, or holds a value that is not allowed.
        """
        known = [field.name for field in fields(cls)]
        columns = {name: cell for name, cell in columns.items() if name not in LABELS}
        unknown = sorted(set(columns) - set(known))
        backbone = str(columns.get("backbone") or "")
        if unknown:
            raise CortexlensError(
                f"backbone {backbone!r}: unknown column {unknown[0]!r}; "
                f"columns are {', '.join(known)}."
            )
        filled = {column: cell for column, cell in columns.items() if not _is_empty(cell)}
        for column in ("backbone", "source", "name"):
            if column not in filled:
                refuse(backbone, column, "", "a value; this column must not be empty")
        return cls(**{key: _parse(backbone, key, cell) for key, cell in filled.items()})


def refuse(backbone: str, column: str, found: object, allowed: str) -> NoReturn:
    """Raise the error for a cell whose value cannot be used.

    Parameters
    ----------
    backbone
        Identifier of the row.
    column
        Name of the column.
    found
        The value.
    allowed
        Description of the allowed values.

    Raises
    ------
    CortexlensError
        Always.
    """
    raise CortexlensError(
        f"backbone {backbone!r}: column {column} holds {str(found)!r}; allowed: {allowed}. "
        "Correct this row of backbones.tsv."
    )


def parse_steps(text: str) -> tuple[int, ...]:
    """Parse a list of steps: numbers and ranges (end included), with a stride after a colon.

    Parameters
    ----------
    text
        For example, ``25``, ``5,10,15`` or ``5-50:5``.

    Returns
    -------
    tuple of int
        Ascending, without duplicates; empty if the text is malformed.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = STEPS_PATTERN.fullmatch(part.strip())
        first, last, stride = match.groups() if match else ("0", None, None)
        steps = range(int(first), int(last or first) + 1, max(1, int(stride or 1)))
        if not steps or steps[0] < 1:
            return ()
        found |= set(steps)
    return tuple(sorted(found))


def close(name: str, choices: Iterable[str]) -> str:
    """List the names most similar to one that does not exist, for error messages.

    Parameters
    ----------
    name
        The unknown name.
    choices
        Names that exist.
    """
    choices = list(choices)
    near = difflib.get_close_matches(name, choices, n=5, cutoff=0.3) or choices[:5]
    return ", ".join(near)


def _literal(text: str) -> Any:
    try:
        return json.loads(text.lower())
    except ValueError:
        return text


def _is_empty(cell: object) -> bool:
    return (
        cell is None
        or (isinstance(cell, str) and not cell.strip())
        or (isinstance(cell, float) and math.isnan(cell))
    )


def _parse(backbone: str, column: str, cell: Any) -> Any:
    """Convert a cell to the type of its column."""
    if column in WHOLE_NUMBERS:
        return _whole_number(backbone, column, cell)
    if column in ("mean", "std"):
        parts = cell.split(",") if isinstance(cell, str) else cell
        try:
            first, second, third = (float(part) for part in parts)
        except (TypeError, ValueError):
            refuse(backbone, column, cell, "three numbers, separated by commas")
        return first, second, third
    return str(cell).strip()


def _whole_number(backbone: str, column: str, cell: Any) -> int:
    """Accept 224, "224" and "224.0" (which pandas makes of columns with empty cells), only."""
    try:
        number = float(cell)
        if number.is_integer():
            return int(cell) if isinstance(cell, int) else int(number)
    except (TypeError, ValueError):
        pass
    refuse(backbone, column, cell, "a whole number")
