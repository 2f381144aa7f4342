"""Stores of kind recovery in which everything is found again exactly."""

import numpy as np
import xarray as xr

N_SEEDS, N_VERTICES, N_LAYERS = 3, 60, 4


def synthetic_recovery(
    *,
    condition: str,
    varied: str,
    topology: int | None,
    readout: str = "factortopy",
    truth: str = "isotropic",
) -> xr.Dataset:
    """Every layer is planted in as many vertices; places and scales are random."""
    rng = np.random.default_rng(0)
    layer = np.eye(N_LAYERS)[np.arange(N_SEEDS * N_VERTICES) % N_LAYERS]
    place = ("seed", "vertex")
    selectors = {
        "layer": ((*place, "layer"), layer.reshape(N_SEEDS, N_VERTICES, N_LAYERS)),
        "space": ((*place, "image_axis"), rng.uniform(-1, 1, (N_SEEDS, N_VERTICES, 2))),
        "scale": (place, rng.uniform(size=(N_SEEDS, N_VERTICES))),
    }
    constant = {"r2_test": 0.25, "noise_ceiling": 0.5, "confidence": 0.75}
    store = xr.Dataset(
        {
            **{f"planted_{name}": value for name, value in selectors.items()},
            **{f"{name}_selector": value for name, value in selectors.items()},
            **{name: (place, np.full((N_SEEDS, N_VERTICES), v)) for name, v in constant.items()},
            "layer_similarity": (("layer", "other_layer"), 0.5 + 0.5 * np.eye(N_LAYERS)),
        },
        coords={"layer": list("abcd")},
    )
    return store.assign_attrs(
        **{"backbone": "net", "subject": "s1", "condition": condition, "varied": varied},
        **{"readout": readout, "truth": truth, "windows": 0},
        **({} if topology is None else {"topology": topology}),
        **{"training_images": 80, "layer_mixing": 0.0},
    )
