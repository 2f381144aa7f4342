"""Methods texts: counts and settings as recorded, names as text, works that exist."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.errors import CortexlensError
from cortexlens.methods.citations import (
    NETWORKS,
    WORKS,
    bibliography,
    references,
    works_of_network,
)
from cortexlens.methods.facts import changed, gather, shared
from cortexlens.methods.marks import code, listed, number, span
from cortexlens.methods.page import page_of
from cortexlens.methods.text import cited, methods_text
from records import features, fit, network, responses, scores


def written(*records, recorded=()):
    base = [network(), features(), fit(), scores()]
    return methods_text("tiny", gather([*base, *records], recorded or [responses()]), {})


def test_counts_settings_and_seeds_are_those_of_the_records():
    text = written(recorded=[responses(), responses("s2", n_trials=24)])
    assert "| `s1` | 6 | 12 | 3 | 1,234 | 4 | 1 | 1 |" in text
    assert "| `s2` | 6 | 24 | 3 | 1,234 | 4 | 1 | 1 |" in text
    assert "| `net` | zoo `vit-demo` | `abababababababab` | 1,629,824 | 2 layers | 96 |" in text
    for words in (
        *(
            "are not recordings of a brain",
            "weights of 24 channels",
            "learning rate 0.01",
            "(seed 3)",
        ),
        *("over 17 test images", "intervals (90 %)", "with 1,500 resamples", "999 permutations"),
        *("torch 2.9 [@paszke2019pytorch]", "grid of 8 × 8", "weight decay 0.02"),
    ):
        assert words in text, words


def test_what_was_not_made_is_not_described():
    text = written()
    titles = re.findall("(?m)^## (.+)$", text)
    assert titles == [
        *("Responses", "Networks", "Encoding models", "Scores", "Software", "References"),
    ]
    assert "baseline" not in text
    assert "Variants" not in text


def test_variants_are_told_by_the_settings_in_which_they_differ():
    text = written(fit("free", topology=False, threads=8), fit("free", topology=False), fit("same"))
    assert "- `free`: topology `False`\n- `same`: no setting" in text


def test_a_schedule_by_the_number_of_images_is_told_with_its_numbers():
    keys = ["epochs", "patience", "regularization_images"]
    one = {"epochs": 500, "patience": 200, "regularization_images": 15_000}
    other = {"epochs": 250, "patience": 100, "regularization_images": 15_500}
    facts = gather(
        [
            *(network(), features(), scores()),
            fit(**one, by_training_images=keys),
            {**fit(**other, by_training_images=keys), "subject": "s2"},
            {**fit("free", **other, topology=False, by_training_images=keys), "subject": "s2"},
        ],
        [responses(), responses("s2")],
    )
    text = methods_text("tiny", facts, {})
    assert "at most 250 to 500 epochs, stopped after 100 to 200 without" in text
    assert "falling to 0 over 15,000 to 15,500 images)" in text
    followed = "The number of epochs, patience and fading of the penalty followed from the number"
    assert followed in text
    # beside the fit of its own subject
    assert "- `free`: topology `False`" in text
    assert "followed from" not in written()


def test_names_of_the_user_stand_as_text():
    hostile = "<img src=x onerror=alert(1)> `|` \n# x"
    text = written(network(hostile), fit("<b>bold</b>"))
    assert "\n# x" not in text
    page = page_of(text)
    assert "<img" not in page
    assert "<b>" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert page.count("<table>") == 2


def test_names_cite_nothing():
    text = written(network("[@nobody2023]"), fit("[@nobody2023; @yang2023brain]"))
    assert "nobody2023" in text
    assert "nobody2023" not in cited(text)
    assert "nobody2023" not in bibliography(cited(text))


def test_every_work_that_is_cited_is_in_the_bibliography_and_the_list():
    text = written(
        network("clip", source="open_clip", name="ViT-L-14/datacomp_xl_s13b_b90k"),
        network("dino", source="timm", name="vit_base_patch14_dinov2.lvd142m"),
    )
    keys = cited(text)
    assert {"yang2023brain", "radford2021learning", "gadre2023datacomp", "oquab2023dinov2"} < set(
        keys
    )
    entries = bibliography(keys)
    assert re.findall(r"(?m)^@\w+\{(\w+),$", entries) == sorted(keys)
    assert entries.count("{") == entries.count("}")
    assert all(f"`[@{key}]`" in text for key in keys)


def test_works_are_complete_and_their_braces_balanced():
    for key, line in zip(sorted(WORKS), references(WORKS), strict=True):
        work = WORKS[key]
        assert re.fullmatch("[a-z0-9]+", key)
        assert {"doi", "url"} & set(work.place), key
        assert work.title.count("{") == work.title.count("}"), key
        assert "{" not in line, key
        assert "\\" not in line, key
        assert work.year is None or str(work.year) in line, key
    assert {key for keys in NETWORKS.values() for key in keys} <= set(WORKS)


@pytest.mark.parametrize(
    ("network", "works"),
    [
        ("zoo vit-demo packaged:demo-supervised", []),
        ("timm samvit_base_patch16.sa1b pretrained", ["wightman2019timm", "kirillov2023segment"]),
        ("timm vit_base_patch16_224.mae pretrained", ["wightman2019timm", "he2021masked"]),
        (
            "timm vit_base_patch16_224 https://dl.fbaipublicfiles.com/moco-v3/x.pth.tar",
            ["wightman2019timm", "chen2021empirical"],
        ),
        ("diffusers stable-diffusion-v1-5/stable-diffusion-v1-5 pretrained", ["rombach2021high"]),
    ],
)
def test_networks_have_works_of_their_own(network, works):
    assert works_of_network(network) == works


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("algonauts2023", "Algonauts 2023 challenge [@gifford2023algonauts], which come from"),
        ("nsd", "[@allen2022massive] (version `b3`, mask `nsdgeneral`), single-trial estimates"),
        ("table", "our own recordings. *(Describe here how they were made.)*"),
    ],
)
def test_each_kind_of_study_is_named(kind, words):
    recorded = responses(kind=kind)
    recorded.attrs["provenance"]["settings"] |= {"betas": "b3", "mask": "nsdgeneral"}
    assert words in written(recorded=[recorded])


def test_untrained_networks_are_named_as_such():
    text = written(network("raw", weights="untrained, seed 0"))
    assert "| `raw` | zoo `vit-demo` | `abababababababab` (untrained, seed 0) |" in text


def test_ridge_regression_and_imported_models_are_told():
    ridge = fit("ridge", "fit_ridge", components=50, penalties=[1.0, 10.0], layers="best")
    text = written(ridge, fit(stage="import_checkpoint"))
    assert "ridge regression [@duprelatour2022feature] on 50 principal components" in text
    assert "one layer and one of 2 penalties, 1 to 10 times" in text
    assert "structured variance partitioning [@lin2024stacked]" in text
    assert "Published models of `net` were imported" in text


def test_banded_ridge_regression_is_described():
    settings = {"components": 50, "samples": 20, "penalties": [1e-6, 1.0, 100.0]}
    text = written(
        fit("banded", "fit_banded", **settings),
        fit("few", "fit_banded", **{**settings, "samples": 5}),
    )
    assert "Banded ridge regression [@duprelatour2022feature]" in text
    assert "20 random weightings of these feature sets and one of 3 penalties, 1e-06 to 100" in text
    assert "- `few`: samples `5`" in text


STACKED = {"components": None, "draws": 200, "blocks": 50}


def test_stacked_fits_are_told_with_their_draws_and_bandwidth():
    own = {**STACKED, "prior_steps": 4}
    made = [
        {
            **fit("stacked", "fit_stacked", **own),
            **{"bandwidth_mm": widths, "prior_steps": steps, "subject": who},
        }
        for who, widths, steps in (("s1", [4.0, 2.0], 4), ("s2", [2.0], 0))
    ]
    made.append(fit("few", "fit_stacked", **{**own, "components": 64}))
    text = written(*made)
    for words in (
        *("stacked regression [@breiman1996stacked; @lin2024stacked]", "using all its channels"),
        *("200 resamples of 50 blocks", "smallest (chosen: 2 and 4 mm)"),
        "by expectation maximisation [@dempster1977maximum], for as many steps",
        "held-out fifth of the training images (0 to 4 steps)",
        "- `few`: components `64`",
    ):
        assert words in text, words


def test_the_covariance_of_channels_is_described_only_where_it_was_tried():
    unused = {**fit("stacked", "fit_stacked", **STACKED, prior_steps=4), "prior_steps": 0}
    assert "(no step improved it)" in written(unused)
    assert "covariance" not in written(fit("stacked", "fit_stacked", **STACKED, prior_steps=0))


def test_a_record_of_another_kind_is_refused():
    with pytest.raises(CortexlensError, match="found a record of kind 'units' from stage 'x'"):
        gather([{"cortexlens_kind": "units", "provenance": {"stage": "x"}}], [])


@given(st.lists(st.integers(0, 10**7), min_size=1))
def test_spans_name_the_least_and_the_largest(values):
    ends = [int(part.replace(",", "")) for part in span(values).split(" to ")]
    assert ends == sorted({min(values), max(values)})


@given(st.text())
def test_code_never_ends_early(text):
    inside = code(text)[1:-1]
    assert not set(inside) & set("`|\n")


def test_small_marks():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert [number(1234), number(0.01), number(1e6)] == ["1,234", "0.01", "1e+06"]
    assert shared([{"a": {"b": 1}}, {"a": 2}, {"a": {"b": 1}}, {"a": {"b": 0}}], "a", "b") == [1, 0]
    assert dict(changed({"x": 1, "device": "cuda", "new": 1}, {"x": 2, "device": "cpu"})) == {
        "x": 1
    }
