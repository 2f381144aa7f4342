"""Methods text of a study: paragraphs in Markdown, each included only if it has records."""

import re
from collections.abc import Mapping

from cortexlens.methods import citations, further
from cortexlens.methods.facts import Facts, Record, Subject, shared
from cortexlens.methods.marks import cite, code, codes, listed, number, span, table
from cortexlens.methods.models import models, seeded

_KINDS: Mapping[str, str] = {
    "simulated": "Responses were **simulated** and are not recordings of a brain: synthetic scenes "
    "were shown to a model of visual cortex with known selectivity.",
    "planted": "Responses were **generated from a network's own features** with known selectors "
    "and added noise, and are not recordings of a brain.",
    "table": "Responses were our own recordings. *(Describe here how they were made.)*",
    "algonauts2023": "Responses were those of the Algonauts 2023 challenge "
    f"{cite('gifford2023algonauts')}, which come from the Natural Scenes Dataset "
    f"{cite('allen2022massive')}.",
    "nsd": f"Responses were those of the Natural Scenes Dataset {cite('allen2022massive')}{{}}, "
    "single-trial estimates, z-scored within session.",
}


def methods_text(study: str, facts: Facts, tools: Mapping[str, str]) -> str:
    """Write the methods text of a study.

    Parameters
    ----------
    study
        Name of the study.
    facts
        Facts with at least one subject, network, store of features and fit.
    tools
        Further packages that were used → their versions.

    Returns
    -------
    str
        Markdown with citations in pandoc's format, and the reference list at its end.
    """
    sections = {
        "Responses": _responses(facts),
        "Networks": _networks(facts),
        "Encoding models": models(facts),
        "Scores": _scores(facts),
        "Fine-tuning": further.finetuning(facts),
        "Channels": further.channels(facts),
        "Sparse autoencoders": further.autoencoders(facts),
        "Recovery": further.recovery(facts),
        "Software": _software(facts, tools),
    }
    parts = [f"## {title}\n\n{text}\n" for title, text in sections.items() if text]
    body = "\n".join(parts)
    works = citations.references(cited(body))
    return (
        f"# Methods of the study {code(study)}\n\n"
        "Written from the records of how each result was made. Ready to paste: "
        "citations are keys of `methods.bib`, as pandoc reads them.\n\n"
        f"{body}\n## References\n\n" + "".join(f"- {line}\n" for line in works)
    )


def cited(text: str) -> list[str]:
    """Keys of the works that a text cites, without duplicates."""
    # code contains names given by the user, or keys in the list of works, not citations
    groups = re.findall(r"\[(@[^]]+)\]", re.sub("`[^`]*`", "", text))
    return list(dict.fromkeys(key for group in groups for key in re.findall(r"@(\w+)", group)))


def _responses(facts: Facts) -> str:
    """Describe the origin of the responses, with counts for each subject."""
    first = facts.subjects[0].record
    kind = "planted" if first["made_by"] == "plant_responses" else str(first["kind"])
    source = _KINDS[kind].format(_nsd(facts.subjects) if kind == "nsd" else "")
    head = ["subject", "images", "trials", "sessions", "vertices", "training", "validation", "test"]
    rows = [
        [
            code(each.name),
            *(number(n) for n in (each.n_images, each.n_trials, each.n_sessions, each.n_vertices)),
            *(number(part) for part in each.parts),
        ]
        for each in facts.subjects
    ]
    seeds = [str(seed) for seed in shared([each.record for each in facts.subjects], "seed")]
    regions = list(dict.fromkeys(name for each in facts.subjects for name in each.regions))
    named = f" Regions of interest were {codes(regions)}." if regions else ""
    spaces = {each.space for each in facts.subjects} - {""}
    lay = f" Vertices were those of {codes(sorted(spaces))}." if spaces else ""
    if spaces & {"fsaverage", "fsaverage5"}:
        lay = lay.removesuffix(".") + f" {cite('fischl1999high')}."
    return (
        f"{source}{lay}{named} Images were split into training, validation and test sets, with all "
        f"repeats of an image in the same set{f' (seed {listed(seeds)})' if seeds else ''}. "
        f"'Vertex' refers to any recording site: a vertex, voxel or unit.\n\n{table(head, rows)}"
    )


def _nsd(subjects: list[Subject]) -> str:
    records = [each.record for each in subjects]
    parts = {"version": "betas", "space": "space", "mask": "mask"}
    versions = [
        f"{what} {codes(values)}" for what, key in parts.items() if (values := shared(records, key))
    ]
    return f" ({', '.join(versions)})" if versions else ""


def _networks(facts: Facts) -> str:
    """Describe the networks, their weights, and how layers were converted to tokens."""
    head = ["network", "model", "weights, SHA-256", "parameters", "layers", "input, px", "works"]
    rows = [_network(each) for each in facts.networks]
    grids, resizes = shared(facts.features, "grid"), shared(facts.features, "resize")
    precise = shared(facts.features, "precision")
    how = {"area": "by averaging over cells", "reference": "bilinearly"}
    plural = "" if len(facts.networks) == 1 else "s"
    axes = [each["inversion"] for each in facts.networks if "inversion" in each]
    inverted = (
        " Features of diffusion networks were taken along a deterministic inversion of the image "
        f"{cite('song2020denoising')} with {span(each['inversion_steps'] for each in axes)} steps, "
        f"at step {span(step for each in axes for step in each['time_steps'])}."
        if axes
        else ""
    )
    return (
        f"Features were extracted from {len(facts.networks)} network{plural}. The output of each "
        f"layer was resized {listed([how.get(str(each), str(each)) for each in resizes])} to a "
        "grid of "
        f"{listed([f'{side} × {side}' for side in grids])} local tokens, to which one global token "
        "was added: the class token or, in networks without one, the mean of the local tokens. "
        f"Forward passes were computed in {listed([str(each) for each in precise])}, and tokens "
        f"were stored as float16. No network was trained on responses.{inverted}"
        f"\n\n{table(head, rows)}"
    )


def _network(record: Record) -> list[str]:
    described = f"{record['source']} {record['name']} {record.get('weights') or ''}"
    works = citations.works_of_network(described)
    taken, weights = str(record.get("weights") or ""), record.get("weights_sha256")
    untrained = f" ({taken})" if taken.startswith("untrained") else ""
    return [
        code(record["backbone"]),
        f"{record['source']} {code(record['name'])}",
        f"{code(str(weights)[:16])}{untrained}" if weights else "not hashed",
        number(int(record["n_parameters"])),
        f"{len(record['layers'])} {record.get('layer_axis', 'layer')}s",
        number(int(record["preprocessing"]["input_size"])),
        cite(*works) if works else "–",
    ]


def _scores(facts: Facts) -> str:
    """Define the score, its confidence interval and its p value."""
    if not facts.scores:
        return ""
    own = facts.scores[0]["provenance"]["settings"]
    return (
        "The score of a vertex is R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² over "
        f"{span(shared(facts.scores, 'n_test_images'))} test images, which were not used in any "
        "fit. Scores are raw, i.e. not divided by the noise ceiling, which is the largest r² that "
        f"the variability over repeats allows {cite('allen2022massive')}. Confidence intervals "
        f"({100 * own['confidence_level']:g} %) were obtained by a bootstrap over test images with "
        f"{number(own['bootstraps'])} resamples, drawn jointly for all vertices; they do not "
        "generalise to other subjects. Significance was assessed with "
        f"{number(own['permutations'])} permutations of the predictions over images, controlling "
        f"the false discovery rate over all vertices {cite('benjamini1995controlling')} and, "
        "within regions, the family-wise error by the highest score of the "
        f"region{seeded(facts.scores)}."
    )


def _software(facts: Facts, tools: Mapping[str, str]) -> str:
    """List versions of software: of the records, and of other tools that were used."""
    works = {
        **{"numpy": "harris2020array", "scipy": "virtanen2020scipy", "zarr": "zarr"},
        **{"torch": "paszke2019pytorch", "xarray": "hoyer2017xarray", "timm": "wightman2019timm"},
        **{"snakemake": "molder2021sustainable", "nilearn": "abraham2014machine"},
    }
    found = {**facts.versions, **{name: [version] for name, version in tools.items()}}
    packages = [
        f"{name} {' and '.join(versions)}" + (f" {cite(works[name])}" if name in works else "")
        for name, versions in found.items()
    ]
    machines = shared([*facts.fits, *facts.features], "provenance", "machine")
    return (
        f"All computations used {listed(packages)}, on {codes(machines)}. "
        "Each result records these versions, the seed, the settings, a hash of the code and hashes "
        "of its inputs."
    )
