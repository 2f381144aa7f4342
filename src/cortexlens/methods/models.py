"""Paragraphs on the encoding models: stacked fits, FactorTopy, (banded) ridge; and variants."""

from typing import Final

from cortexlens.compute.schedule import BY_IMAGES
from cortexlens.methods.facts import Facts, Record, changed, shared
from cortexlens.methods.marks import cite, code, codes, listed, number, span

# Settings that may follow from the number of training images → description.
_SCHEDULE: Final = {
    "epochs": "number of epochs",
    "patience": "patience",
    "regularization_images": "fading of the penalty",
}


def models(facts: Facts) -> str:
    """Describe each kind of fit, and how variants differ from it."""
    encoders, ridges = facts.fits_of("fit_encoder"), facts.fits_of("fit_ridge")
    stacks = facts.fits_of("fit_stacked")
    paragraphs = []
    if stacks:
        base = next((fit for fit in stacks if fit["readout"] == "stacked"), stacks[0])
        paragraphs += [_stacked(stacks, base), _variants(stacks, base)]
    if encoders:
        base = next((fit for fit in encoders if fit["readout"] == "factortopy"), encoders[0])
        paragraphs += [f"{_factortopy(base)} {_fitted(encoders, base)}", _variants(encoders, base)]
    if ridges:
        base = next((fit for fit in ridges if fit["readout"] == "ridge"), ridges[0])
        paragraphs += [_ridge(base), _variants(ridges, base)]
    if banded := facts.fits_of("fit_banded"):
        base = next((fit for fit in banded if fit["readout"] == "banded"), banded[0])
        paragraphs += [_banded(base), _variants(banded, base)]
    if imported := facts.fits_of("import_checkpoint"):
        names = codes(dict.fromkeys(fit["backbone"] for fit in imported))
        paragraphs.append(f"Published models of {names} were imported and not fitted.")
    return "\n\n".join(text for text in paragraphs if text)


def seeded(records: list[Record]) -> str:
    """Seeds of some records, in brackets."""
    seeds = shared(records, "provenance", "seed")
    return f" (seed {listed([str(seed) for seed in seeds])})" if seeds else ""


def _stacked(fits: list[Record], base: Record) -> str:
    own = base["provenance"]["settings"]
    same = [fit for fit in fits if fit["readout"] == base["readout"]]
    single = "single trials were" if own["single_trials"] else "means over repeats were"
    reduced = (
        f"the first {number(own['components'])} principal components of its channels"
        if own.get("components")
        else "all its channels"
    )
    # a fit has one width for each hemisphere
    widths = sorted({width for found in shared(same, "bandwidth_mm") for width in found})
    smoothed = f" (taken: {listed([number(each) for each in widths])} mm)" if widths else ""
    return (
        "Each vertex was fitted by stacked regression "
        f"{cite('breiman1996stacked', 'lin2024stacked')}. Every layer was read, by ridge "
        f"regression on {reduced}, in a Gaussian window over its local tokens, over the whole "
        "image, and by its global token; the window's centre and size were those with the smallest "
        "left-out error, and penalties were chosen by it as well. Predictions that leave out one "
        "training image each, which are exact for ridge regression, were weighed by numbers of at "
        "least 0 that minimise their squared error. The sums that these come from were averaged "
        "over neighbouring vertices of the cortex by a Gaussian, in each hemisphere the widest "
        "whose left-out error is within one standard error of the smallest"
        f"{smoothed}. {_prior(same)}"
        f"Fits learnt from {span(shared(same, 'training_images'))} training images, "
        f"weighted by their numbers of trials; {single} scored. The level of a vertex is the "
        "mean of its layers' places in the network, 0 the first and 1 the last. Probabilities and "
        f"intervals come from {number(own['draws'])} resamples of {number(own['blocks'])} blocks "
        f"of training images{seeded(same)}; the probability of a vertex is that of its strongest "
        f"layer. Fits ran on the device "
        f"{codes(shared(fits, 'provenance', 'settings', 'device'))}."
    )


def _prior(fits: list[Record]) -> str:
    """Describe how the covariance of channel weights was learnt; empty if it was not."""
    if not any(fit["provenance"]["settings"].get("prior_steps") for fit in fits):
        return ""
    steps = shared(fits, "prior_steps")
    taken = f"taken: {span(steps)}" if any(steps) else "no step improved it"
    return (
        "The ridge penalty is that of a normal prior on the weights, whose covariance over a "
        f"layer's channels was learnt from all vertices by expectation maximisation "
        f"{cite('dempster1977maximum')}, in as many steps as improved the prediction of a fifth "
        f"of the training images ({taken}). "
    )


def _factortopy(base: Record) -> str:
    own = base["provenance"]["settings"]
    smooth = (
        "Place, layers and balance are smooth functions of the vertex's position, where positions "
        "are known. "
        if own["topology"]
        else ""
    )
    return (
        f"Each vertex was fitted with FactorTopy {cite('yang2023brain')}: it selects a place in "
        "the picture, a distribution over layers, a balance of local and global tokens, and "
        f"channels of a space of {own['dimensions']} that all layers are aligned to. {smooth}The "
        "level of a vertex is the mean of its layers' places in the network, 0 the first and 1 "
        "the last, and its confidence 1 − entropy / log(number of layers)."
    )


def _fitted(fits: list[Record], base: Record) -> str:
    own = base["provenance"]["settings"]
    same = [fit for fit in fits if fit["readout"] == base["readout"]]
    single = "Single trials were" if own["single_trials"] else "The mean over repeats was"
    epochs, patience, faded = (
        span(shared(same, "provenance", "settings", key))
        for key in ("epochs", "patience", "regularization_images")
    )
    by_images = shared(same, "provenance", "settings", BY_IMAGES)
    followed = [words for key, words in _SCHEDULE.items() if any(key in keys for keys in by_images)]
    chosen = (
        f" The {listed(followed)} followed from the number of training images." if followed else ""
    )
    how_many = (
        "one model was fitted for each network and subject"
        if own["members"] == 1
        else f"{own['members']} models were fitted for each network and subject, and averaged"
    )
    return (
        f"{single} predicted; {how_many}{seeded(same)}, on "
        f"{span(shared(same, 'training_images'))} training images, by AdamW "
        f"{cite('loshchilov2017decoupled')} on a smooth L1 loss (β = "
        f"{number(own['smooth_l1_beta'])}): batches of {own['batch_size']}, learning rate "
        f"{number(own['learning_rate'])}, weight decay {number(own['weight_decay'])}, at most "
        f"{epochs} epochs, stopped after {patience} without a better validation R², "
        "and the best epoch kept. A penalty held layers and balance undecided at first (λ = "
        f"{number(own['regularization'])}, falling to 0 over "
        f"{faded} images).{chosen} Fits ran on the device "
        f"{codes(shared(fits, 'provenance', 'settings', 'device'))}."
    )


def _variants(fits: list[Record], base: Record) -> str:
    """Describe in which settings other readouts differ."""
    lines: dict[str, str] = {}
    for fit in fits:
        if fit["readout"] not in (base["readout"], *lines):
            # Compare with the same subject's fit: the schedule may depend on its number of images.
            own = [each for each in fits if _of_base(each, base) and _same_pair(each, fit)]
            beside = own[0] if own else base
            differs = changed(fit["provenance"]["settings"], beside["provenance"]["settings"])
            written = ", ".join(f"{key} {code(value)}" for key, value in differs)
            lines[fit["readout"]] = f"- {code(fit['readout'])}: {written or 'no setting'}"
    if not lines:
        return ""
    return f"Variants of {code(base['readout'])} differ from it in:\n\n" + "\n".join(lines.values())


def _of_base(fit: Record, base: Record) -> bool:
    return bool(fit["readout"] == base["readout"])


def _same_pair(one: Record, other: Record) -> bool:
    return all(one[key] == other[key] for key in ("backbone", "subject"))


def _ridge(base: Record) -> str:
    own = base["provenance"]["settings"]
    which = "a layer" if own["layers"] == "best" else "all layers together"
    return (
        f"The baseline was ridge regression {cite('duprelatour2022feature')} on "
        f"{own['components']} principal components of each layer; for each vertex {which} and one "
        f"of {len(own['penalties'])} penalties, {number(min(own['penalties']))} to "
        f"{number(max(own['penalties']))} times a component's mean variance, were chosen on the "
        f"validation images{seeded([base])}.{_ranges(own)}"
    )


def _ranges(settings: Record) -> str:
    """Describe how the range of layers was found, if single layers were fitted."""
    if settings["layers"] != "best":
        return ""
    return (
        " The layers' validation predictions were also stacked for each vertex, with weights that "
        "are not negative and sum to 1, and structured variance partitioning "
        f"{cite('lin2024stacked')} gave the smallest range of layers that predicts like all of "
        "them within one standard error."
    )


def _banded(base: Record) -> str:
    own = base["provenance"]["settings"]
    return (
        f"Banded ridge regression {cite('duprelatour2022feature')} predicted from all layers "
        f"together: from {own['components']} principal components of the local tokens and from "
        "the global token of each layer, each with a penalty of its own. For each vertex one of "
        f"{own['samples']} random weights of these feature sets and one of "
        f"{len(own['penalties'])} penalties, {number(min(own['penalties']))} to "
        f"{number(max(own['penalties']))} times the total variance of the weighted sets, were "
        f"chosen on the validation images{seeded([base])}; the explained variance of these was "
        "split over layers by the product measure."
    )
