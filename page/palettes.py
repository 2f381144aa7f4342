"""Write the colour tables of the page, which are those of the Python figures.

Run ``python page/palettes.py`` after changing ``figures.drawing.colours``; a test compares both.
"""

import json
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from cortexlens.figures.drawing import colours
from cortexlens.shapes import LAYER, TIME_STEP

FILE = Path(__file__).with_name("src") / "palettes.json"
_DEPTHS, _CONFIDENCES, _PLACES = 129, 33, 65
_MAPS = {
    "scores": colours.SCORES,
    "ceilings": colours.CEILINGS,
    "scales": colours.SCALES,
    "sizes": colours.SIZES,
    "changes": colours.CHANGES,
    "losses": colours.LOSSES,
    "weights": colours.WEIGHTS,
}


def _hex(rgb: np.ndarray) -> str:
    whole: UInt8[np.ndarray, ...] = np.rint(rgb * 255).astype(np.uint8)
    return whole.tobytes().hex()


def palettes() -> dict[str, object]:
    """Compute the colour tables as sRGB bytes in hexadecimal, row by row.

    Returns
    -------
    dict
        ``layer`` and ``time step``: one row per confidence and one column per depth, both 0 to 1;
        ``place``: one row per y and one column per x, both -1 to 1; ``maps``: 256 colours each,
        from low to high.
    """
    depth, confidence = np.meshgrid(np.linspace(0, 1, _DEPTHS), np.linspace(0, 1, _CONFIDENCES))
    x, y = np.meshgrid(np.linspace(-1, 1, _PLACES), np.linspace(-1, 1, _PLACES))
    tables: dict[str, object] = {
        axis: {
            "width": _DEPTHS,
            "height": _CONFIDENCES,
            "rgb": _hex(colours.depth_colours(depth, confidence, axis)),
        }
        for axis in (LAYER, TIME_STEP)
    }
    place = colours.place_colours(np.stack([x, y], axis=-1))
    tables["place"] = {"width": _PLACES, "height": _PLACES, "rgb": _hex(place)}
    tables["maps"] = {name: _hex(palette(np.arange(256))[:, :3]) for name, palette in _MAPS.items()}
    return tables


if __name__ == "__main__":
    FILE.write_text(json.dumps(palettes(), indent=1) + "\n", encoding="utf-8")
