"""Which parts of a study some jobs are made for."""

from collections import Counter
from collections.abc import Iterable, Iterator

from cortexlens.config.study import Run, Study, weights_place

# Figures that draw_maps makes of each fit of the main readout.
MAPS = ("layer", "space", "scale", "r2", "layer_weights")
# Readouts that estimate the size of receptive fields, of which a map is drawn too.
SIZED = frozenset({"stacked"})


def maps_of_fit(study: Study) -> tuple[str, ...]:
    """Names of the figures that draw_maps makes of a fit of the study's main readout."""
    return (*MAPS, "size") if study.main_readout in SIZED else MAPS


def maps_of(study: Study, runs: Iterable[Run]) -> list[str]:
    """Figures of those runs that use the main readout, as paths below the results."""
    fits = dict.fromkeys(
        (run.backbone, run.subject) for run in runs if run.readout == study.main_readout
    )
    return [
        f"<results>/figures/{network}/{who}/{name}.png"
        for network, who in fits
        for name in maps_of_fit(study)
    ]


def shared_networks(study: Study) -> list[str]:
    """Networks that are mapped to several subjects, in the order of the runs."""
    pairs = dict.fromkeys((run.backbone, run.subject) for run in study.mapped)
    count = Counter(backbone for backbone, _ in pairs)
    return [backbone for backbone, number in count.items() if number > 1]


def sized_networks(study: Study) -> list[str]:
    """Networks of families of which several sizes are mapped, in the order of the table.

    Missing sizes are not known yet and count as different.
    """
    fitted = {run.backbone for run in study.mapped}
    families: dict[str, dict[str, float | str]] = {}
    for name, row in study.backbones.items():
        if name in fitted and "family" in row:
            size = float(row["size"]) if "size" in row else name
            families.setdefault(row["family"], {})[name] = size
    several = [names for names in families.values() if len(set(names.values())) > 1]
    return [name for name in study.backbones if any(name in names for names in several)]


def planted_runs(study: Study) -> bool:
    """Whether fits of the main readout are to subjects with planted responses."""
    return study.kind in ("simulated", "planted") and bool(study.mapped)


def fetched_networks(study: Study) -> list[str]:
    """Networks of the fits whose weights are downloaded."""
    used = {run.backbone for run in study.all_fits} - set(study.derived)
    return [
        name for name, row in study.backbones.items() if name in used and weights_place(study, row)
    ]


def tuned_pairs(study: Study) -> list[tuple[str, str]]:
    """Pairs of network and fine-tuning data set, each once."""
    return list(dict.fromkeys((each.base, each.finetune) for each in study.derived.values()))


def finetune_reports(study: Study) -> list[str]:
    """Reports of all fine-tunings."""
    pairs = tuned_pairs(study)
    return [f"<results>/finetunes/{finetune}/{base}/finetune.json" for base, finetune in pairs]


def checkpoint_names(study: Study) -> list[str]:
    """Names of the intermediate weights that a fine-tuning saves."""
    return [f"step-{step}" for step in dict.fromkeys(study.config["finetuning"]["checkpoints"])]


def decoded_gb(study: Study) -> int:
    """Disk for decoded images in GB: 0 if there is no second network to share them."""
    several = len({run.backbone for run in study.fits}) > 1
    return int(study.config["features"]["decoded_gb"]) if several else 0


def channel_jobs(study: Study) -> Iterator[tuple[str, str, str]]:
    """Yield rule, network and subject of the jobs that `snakemake channels` makes of fits."""
    for backbone, subject in study.channelled:
        for rule in ("cluster_channels", "draw_channels", "draw_channel_images"):
            yield rule, backbone, subject
    if study.channelled:
        yield "summarise_channels", "", ""
