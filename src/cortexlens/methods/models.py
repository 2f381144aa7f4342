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
        paragraphs.append(f"Published models of {names} were imported rather than fitted.")
    return "\n\n".join(text for text in paragraphs if text)


def seeded(records: list[Record]) -> str:
    """Seeds of some records, in brackets."""
    seeds = shared(records, "provenance", "seed")
    return f" (seed {listed([str(seed) for seed in seeds])})" if seeds else ""


def _stacked(fits: list[Record], base: Record) -> str:
    own = base["provenance"]["settings"]
    same = [fit for fit in fits if fit["readout"] == base["readout"]]
    single = "single trials" if own["single_trials"] else "means over repeats"
    reduced = (
        f"the first {number(own['components'])} principal components of its channels"
        if own.get("components")
        else "all its channels"
    )
    # a fit has one width for each hemisphere
    widths = sorted({width for found in shared(same, "bandwidth_mm") for width in found})
    smoothed = f" (chosen: {listed([number(each) for each in widths])} mm)" if widths else ""
    return (
        "Each vertex was fitted by stacked regression "
        f"{cite('breiman1996stacked', 'lin2024stacked')}. Ridge regressions predicted its "
        f"responses from each layer, using {reduced}, in three ways: from a Gaussian window over "
        "the local tokens, from the whole image, and from the global token. The centre and size "
        "of the window and the ridge penalties minimised the leave-one-out error. The "
        "leave-one-out predictions for the training images, which ridge regression yields "
        "exactly, were combined with non-negative weights that minimise their squared error. The "
        "cross products of these predictions were smoothed over the cortex with a Gaussian; its "
        "width was, for each hemisphere, the largest with an error within one standard error of "
        f"the smallest{smoothed}. {_prior(same)}Fits used {span(shared(same, 'training_images'))} "
        f"training images, weighted by their number of trials, and were scored on {single}. The "
        "level of a vertex is the weighted mean depth of its layers in the network, from 0 for "
        "the first to 1 for the last layer. Probabilities and intervals come from "
        f"{number(own['draws'])} resamples of {number(own['blocks'])} blocks of training "
        f"images{seeded(same)}; the probability of a vertex is that of its strongest layer. Fits "
        f"were computed on the device {codes(shared(fits, 'provenance', 'settings', 'device'))}."
    )


def _prior(fits: list[Record]) -> str:
    """Describe how the covariance of channel weights was learnt; empty if it was not."""
    if not any(fit["provenance"]["settings"].get("prior_steps") for fit in fits):
        return ""
    steps = shared(fits, "prior_steps")
    taken = f"{span(steps)} steps" if any(steps) else "no step improved it"
    return (
        "The ridge penalty corresponds to a normal prior on the weights, whose covariance over a "
        f"layer's channels was learnt from all vertices by expectation maximisation "
        f"{cite('dempster1977maximum')}, for as many steps as improved the prediction of a "
        f"held-out fifth of the training images ({taken}). "
    )


def _factortopy(base: Record) -> str:
    own = base["provenance"]["settings"]
    smooth = (
        "Location, layer weights and balance are smooth functions of the vertex's cortical "
        "coordinates, if these are known. "
        if own["topology"]
        else ""
    )
    return (
        f"Each vertex was fitted with FactorTopy {cite('yang2023brain')}: the model selects a "
        "location in the image, a distribution over layers, a balance between local and global "
        f"tokens, and weights of {own['dimensions']} channels to which all layers are aligned. "
        f"{smooth}The level of a vertex is the weighted mean depth of its layers in the network, "
        "from 0 for the first to 1 for the last layer, and its confidence is "
        "1 − entropy / log(number of layers)."
    )


def _fitted(fits: list[Record], base: Record) -> str:
    own = base["provenance"]["settings"]
    same = [fit for fit in fits if fit["readout"] == base["readout"]]
    single = "Single trials were" if own["single_trials"] else "Means over repeats were"
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
        else f"{own['members']} models were fitted and averaged for each network and subject"
    )
    return (
        f"{single} predicted; {how_many}{seeded(same)}, on {span(shared(same, 'training_images'))} "
        f"training images, with AdamW {cite('loshchilov2017decoupled')} and a smooth L1 loss (β = "
        f"{number(own['smooth_l1_beta'])}): batch size {own['batch_size']}, learning rate "
        f"{number(own['learning_rate'])}, weight decay {number(own['weight_decay'])}, at most "
        f"{epochs} epochs, stopped after {patience} without a better validation R², keeping the "
        "best epoch. A penalty kept layer weights and balance soft early in training (λ = "
        f"{number(own['regularization'])}, falling to 0 over {faded} images).{chosen} Fits were "
        f"computed on the device {codes(shared(fits, 'provenance', 'settings', 'device'))}."
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
    return f"Variants of {code(base['readout'])} differ from it in these settings:\n\n" + "\n".join(
        lines.values()
    )


def _of_base(fit: Record, base: Record) -> bool:
    return bool(fit["readout"] == base["readout"])


def _same_pair(one: Record, other: Record) -> bool:
    return all(one[key] == other[key] for key in ("backbone", "subject"))


def _ridge(base: Record) -> str:
    own = base["provenance"]["settings"]
    which = "one layer" if own["layers"] == "best" else "all layers together"
    return (
        f"The baseline was ridge regression {cite('duprelatour2022feature')} on "
        f"{own['components']} principal components of each layer; for each vertex, {which} and one "
        f"of {len(own['penalties'])} penalties, {number(min(own['penalties']))} to "
        f"{number(max(own['penalties']))} times a component's mean variance, were chosen on the "
        f"validation images{seeded([base])}.{_ranges(own)}"
    )


def _ranges(settings: Record) -> str:
    """Describe how the range of layers was found, if single layers were fitted."""
    if settings["layers"] != "best":
        return ""
    return (
        " The layers' validation predictions were also stacked for each vertex, with non-negative "
        f"weights that sum to 1, and structured variance partitioning {cite('lin2024stacked')} "
        "gave the smallest range of layers that predicts as well as all layers, within one "
        "standard error."
    )


def _banded(base: Record) -> str:
    own = base["provenance"]["settings"]
    return (
        f"Banded ridge regression {cite('duprelatour2022feature')} predicted from all layers "
        f"together: from {own['components']} principal components of the local tokens and from "
        "the global token of each layer, each with its own penalty. For each vertex, one of "
        f"{own['samples']} random weightings of these feature sets and one of "
        f"{len(own['penalties'])} penalties, {number(min(own['penalties']))} to "
        f"{number(max(own['penalties']))} times the total variance of the weighted sets, were "
        f"chosen on the validation images{seeded([base])}; the explained variance was "
        "divided among layers by the product measure."
    )
