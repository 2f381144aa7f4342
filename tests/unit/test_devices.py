import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from cortexlens.compute import devices
from cortexlens.compute.devices import (
    choose_device,
    compute_dtype,
    forward_dtype,
    free_memory,
    use_one_thread,
)
from cortexlens.errors import CortexlensError

CPU = torch.device("cpu")


def test_a_processor_is_there_always():
    assert choose_device("cpu") == CPU


def test_auto_takes_a_gpu_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto").type == "cuda"
    assert choose_device("cpu") == CPU


def test_a_gpu_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(CortexlensError, match="finds no GPU"):
        choose_device("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(CortexlensError, match="'gpu'; allowed: auto, cpu, cuda"):
        choose_device("gpu")


def test_precision():
    assert compute_dtype("float32", CPU) == torch.float32
    assert compute_dtype("bfloat16", CPU) == torch.bfloat16
    assert compute_dtype("auto", CPU) in (torch.float32, torch.bfloat16)
    with pytest.raises(CortexlensError, match="allowed: auto, float32, bfloat16"):
        compute_dtype("half", CPU)


@pytest.mark.parametrize("instructions", [True, False])
def test_vector_instructions_are_enough_for_a_forward_pass(monkeypatch, instructions):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: instructions)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert compute_dtype("auto", CPU) == torch.float32
    assert forward_dtype("auto", CPU) == (torch.bfloat16 if instructions else torch.float32)
    assert forward_dtype("float32", CPU) == torch.float32


@pytest.mark.parametrize(("capability", "dtype"), [((7, 5), "float32"), ((9, 0), "bfloat16")])
def test_a_gpu_computes_in_what_it_is_fast_at(monkeypatch, capability, dtype):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert compute_dtype("auto", torch.device("cuda")) == getattr(torch, dtype)


def test_free_memory_is_some_of_what_there_is():
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 0 < free_memory(CPU) <= there


def test_free_memory_of_a_gpu_is_asked_of_its_driver(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (5, 9))
    assert free_memory(torch.device("cuda")) == 5


def test_a_limit_on_the_job_counts(tmp_path, monkeypatch):
    """The group above has 300 left, and files that were read make way."""
    group = tmp_path / "user" / "job"
    monkeypatch.setattr(devices, "_own_group", lambda: "/user/job")
    for folder, limit in ((group, "max"), (group.parent, "1000")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(limit)
        (folder / "memory.current").write_text("900")
        (folder / "memory.stat").write_text("anon 5\ninactive_file 200\n")
    assert devices._free_in_group(tmp_path) == 300
    assert devices._free_in_group(tmp_path / "elsewhere") > 2**60


def test_a_thread_in_the_background_computes_alone():
    """Its own products take one processor, those of the others as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with ThreadPoolExecutor(1, initializer=use_one_thread) as pool:
            assert pool.submit(torch.get_num_threads).result() == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(torch.get_num_threads).result() == 2
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
