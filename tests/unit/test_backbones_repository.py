"""Which files of a diffusers repository are fetched, and when they are all there."""

import json

import pytest

from cortexlens.backbones import fetch
from cortexlens.backbones.cache import Fetched, is_present
from cortexlens.errors import CortexlensError

FILES = {
    "transformer": ["config.json", "diffusion_pytorch_model.safetensors"],
    "vae": ["config.json", "diffusion_pytorch_model.safetensors", "x.fp16.safetensors"],
    "text_encoder_2": [
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.fp16-00001-of-00002.safetensors",
        "model.safetensors.index.json",
        "model.safetensors.index.fp16.json",
    ],
    "safety_checker": ["config.json", "model.safetensors"],
}


@pytest.fixture
def hub(monkeypatch):
    files = {folder: list(names) for folder, names in FILES.items()}

    def listing(_repository, folder=""):
        paths = [f"{folder}/{name}" for name in files[folder]] if folder else list(files)
        return [{"path": path} for path in paths]

    monkeypatch.setattr(fetch, "_listing", listing)
    return files


def test_every_piece_of_what_there_is_and_weights_last(hub):
    wanted = [address.file for address in fetch._of_repository("some/one")]
    assert set(wanted) == {
        "scheduler/scheduler_config.json",
        *(f"{folder}/{name}" for folder in ("transformer", "vae") for name in FILES[folder][:2]),
        *(f"text_encoder_2/{FILES['text_encoder_2'][i]}" for i in (0, 1, 2, 4)),
    }
    weights = [file.endswith(".safetensors") for file in wanted]
    assert weights == sorted(weights)


@pytest.mark.parametrize("missing", ["vae", "transformer"])
def test_what_is_no_latent_diffusion_network_is_refused(hub, missing):
    del hub[missing]
    with pytest.raises(CortexlensError, match="needed are vae and unet or transformer"):
        fetch._of_repository("some/one")


def test_pieces_without_their_list_are_refused(hub):
    hub["text_encoder_2"].remove("model.safetensors.index.json")
    with pytest.raises(CortexlensError, match="text_encoder_2 must hold a config"):
        fetch._of_repository("some/one")


def test_an_interrupted_repository_is_not_whole(hub, tmp_path):
    wanted = [address.file for address in fetch._of_repository("some/one")]
    pieces = {"a": FILES["text_encoder_2"][1], "b": FILES["text_encoder_2"][2]}
    for file in wanted:
        assert not is_present(Fetched(tmp_path, ""), "diffusers")
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(json.dumps({"weight_map": pieces}))
    assert is_present(Fetched(tmp_path, ""), "diffusers")
