"""What stages record of what they made, as attributes of stores and as reports."""

import numpy as np
import xarray as xr

VERSIONS = {"python": "3.11.7", "torch": "2.9"}
ENCODER = {
    **{"dimensions": 24, "members": 1, "batch_size": 64, "epochs": 7, "patience": 8},
    **{"learning_rate": 0.01, "weight_decay": 0.02, "regularization": 0.1},
    **{"regularization_images": 2000, "smooth_l1_beta": 0.1, "topology": True},
    **{"single_trials": False, "device": "cpu", "threads": 1},
}


def provenance(stage, settings, seed=3):
    return {
        **{"stage": stage, "settings": settings, "seed": seed},
        **{"versions": VERSIONS, "machine": "x86_64", "code": "c0de"},
    }


def responses(subject="s1", kind="simulated", n_trials=12):
    split = np.array([0, 0, 0, 0, 1, 2], np.int8)
    return xr.Dataset(
        {
            "response": (("trial", "vertex"), np.zeros((n_trials, 1234))),
            "session": ("trial", np.arange(n_trials) % 3),
            "split": ("image", split),
        },
        coords={"roi": np.array(["V1", "x|y"], dtype=np.dtypes.StringDType())},
        attrs={
            "subject": subject,
            "space": "fsaverage5",
            "provenance": provenance("collect_responses", {"kind": kind}),
        },
    )


def network(backbone="net", **changes):
    return {
        **{"backbone": backbone, "source": "zoo", "name": "vit-demo", "weights": "packaged:x"},
        **{"weights_sha256": "ab" * 32, "n_parameters": 1_629_824, "layers": ["a", "b"]},
        **{"preprocessing": {"input_size": 96}, **changes},
    }


def fit(readout="factortopy", stage="fit_encoder", **changes):
    return {
        **{"cortexlens_kind": "fit", "backbone": "net", "subject": "s1", "readout": readout},
        **{"training_images": 4, "provenance": provenance(stage, {**ENCODER, **changes})},
    }


def features():
    about = {"cortexlens_kind": "features", "grid": 8, "resize": "area", "precision": "float32"}
    return {**about, "provenance": provenance("extract_features", {})}


def scores():
    own = {"confidence_level": 0.9, "bootstraps": 1500, "permutations": 999}
    about = {"cortexlens_kind": "scores", "n_test_images": 17}
    return {**about, "provenance": provenance("score_fit", own)}
