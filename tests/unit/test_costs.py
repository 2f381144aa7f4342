"""Rates, and what a cluster is asked for."""

import json
import re

import pytest

from cortexlens.errors import CortexlensError
from cortexlens.planning.costs import (
    MEASURED,
    SHARED_WORK,
    disk_mb,
    load_rates,
    memory_mb,
    runtime_minutes,
)
from cortexlens.planning.workloads import Workload


def test_every_kind_of_work_that_threads_share_has_a_rate():
    assert set(load_rates().cpu) >= SHARED_WORK
    assert set(load_rates().gpu) <= set(load_rates().cpu)


def test_threads_share_products_and_nothing_else():
    rates = load_rates()
    products, start = Workload({"read_product": 1e12}), Workload({"start_table": 1})
    assert rates.seconds(products, threads=2) == pytest.approx(rates.seconds(products) / 1.9)
    assert rates.seconds(start, threads=2) == rates.seconds(start)


def test_a_gpu_takes_over_what_it_has_rates_for():
    rates = load_rates()
    job = Workload({"read_product": 1e15, "start_network": 1})
    expected = 1e15 * rates.gpu["read_product"] + rates.cpu["start_network"]
    assert rates.seconds(job, gpu=True) == pytest.approx(expected)


def test_own_rates_take_the_place_of_the_packages(tmp_path):
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"cpu": {"machine": "mine", "seconds": {"step": 7}}}))
    rates = load_rates(path)
    assert (rates.cpu["step"], rates.machines["cpu"]) == (7, "mine")
    assert rates.cpu["picture"] == load_rates().cpu["picture"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as rates"),
        ("[]", "found no rates"),
        ('{"tpu": {}}', "found no rates"),
        ('{"cpu": []}', "no mapping cpu.seconds"),
        ('{"cpu": {"seconds": {"steps": 1}}}', "cpu.seconds: found 'steps'; allowed are"),
        ('{"cpu": {"seconds": {"step": -1}}}', "cpu.seconds.step: found -1; allowed are"),
        ('{"cpu": {"seconds": {"step": NaN}}}', "cpu.seconds.step: found nan"),
        ('{"gpu": {"seconds": {"step": "1"}}}', "gpu.seconds.step: found '1'"),
    ],
)
def test_rates_that_are_none_are_refused(tmp_path, text, message):
    path = tmp_path / "rates.json"
    path.write_text(text)
    with pytest.raises(CortexlensError, match=re.escape(message)) as raised:
        load_rates(path)
    assert str(path) in str(raised.value)


def test_the_packages_own_rates_are_rates():
    assert load_rates(MEASURED) == load_rates()


def test_a_second_attempt_asks_for_more():
    job = Workload({}, memory=8e9, disk=1e9)
    assert memory_mb(job) == 12_000
    assert memory_mb(job, attempt=2) == 24_000
    assert runtime_minutes(7_200) == 360
    assert runtime_minutes(7_200, attempt=3) == 1_080
    assert disk_mb(job) == 1_200


def test_a_small_job_asks_for_something():
    job = Workload({}, memory=1, disk=0)
    assert (memory_mb(job), runtime_minutes(0.1), disk_mb(job)) == (500, 10, 1)
