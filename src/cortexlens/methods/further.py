"""Paragraphs on the optional parts of a study besides its fits; each is empty without records."""

from cortexlens.methods.facts import Facts, Record, shared
from cortexlens.methods.marks import cite, code, codes, number, span, table
from cortexlens.methods.models import seeded

_ACTIVATIONS = {
    "topk": ("the {k} most active units", "gao2024scaling"),
    "batchtopk": (
        "the most active units of a batch, {k} per token on average",
        "bussmann2024batchtopk",
    ),
    "jumprelu": ("units above learnt thresholds", "rajamanoharan2024jumping"),
}


def finetuning(facts: Facts) -> str:
    """Paragraph on how networks were fine-tuned, with a table row per network."""
    if not facts.finetunings:
        return ""
    own = facts.finetunings[0]["provenance"]["settings"]
    trained = {
        "all": "All weights were trained",
        "head": "Only the classification head was trained",
        "lora": f"Low-rank updates of rank {own['lora_rank']} were trained {cite('hu2021lora')}",
    }[own["trained"]]
    head = ["network", "data set", "classes", "training images", "balanced accuracy, start to end"]
    rows = [
        [
            code(each["backbone"]),
            code(each["finetune"]),
            number(len(each["classes"])),
            number(int(each["training_images"])),
            f"{each['accuracy']['start']['balanced_accuracy']:.3f} to "
            f"{each['accuracy']['last']['balanced_accuracy']:.3f}",
        ]
        for each in facts.finetunings
    ]
    return (
        f"{trained} for {number(own['steps'])} steps with {own['batch_size']} images each, by "
        f"AdamW {cite('loshchilov2017decoupled')} (learning rate {number(own['learning_rate'])}, "
        f"for the head {number(own['learning_rate'] * own['head_lr_multiplier'])}; weight decay "
        f"{number(own['weight_decay'])}){seeded(facts.finetunings)}, on up to "
        f"{number(own['images_per_class'])} images per class. Features of the networks were then "
        "extracted and fitted as before, with the same images and responses. Drift of features "
        f"was measured by linear CKA {cite('kornblith2019similarity')}.\n\n{table(head, rows)}"
    )


def channels(facts: Facts) -> str:
    """Paragraph on how channel selectors were clustered."""
    if not facts.channels:
        return ""
    own = facts.channels[0]["provenance"]["settings"]
    alike = {
        "read": "by the correlation of their outputs for the same tokens",
        "raw": "by their cosine similarity",
    }[own["metric"]]
    count = "the most stable number of" if own["clusters"] == 0 else str(own["clusters"])
    return (
        f"Channel selectors of {codes(shared(facts.channels, 'backbone'))} were compared {alike}, "
        f"grouped into up to {number(own['first_clusters'])} clusters by k-means, and merged into "
        f"{count} clusters by Ward's method{seeded(facts.channels)}. Stability was measured as the "
        "adjusted Rand index between clusterings of two halves of the vertices, for "
        f"{own['splits']} random splits, and compared with selectors whose values were permuted "
        "over vertices along each principal axis."
    )


def autoencoders(facts: Facts) -> str:
    """Paragraph on how autoencoders were trained, and how units and vertices were compared."""
    if not facts.autoencoders:
        return ""
    first = facts.autoencoders[0]
    own = first["provenance"]["settings"]
    how, work = _ACTIVATIONS.get(own["activation"], ("units kept sparse by an L1 penalty", ""))
    kept = how.format(k=own["k"]) + (f" {cite(work)}" if work else "")
    learnt = facts.autoencoders
    return (
        f"Sparse autoencoders of {codes(shared(learnt, 'backbone'))}, layers "
        f"{codes(shared(learnt, 'layer'))}, with {len(shared(learnt, 'sae_seed'))} seeds each, "
        f"were trained on the {first['tokens']} tokens of "
        f"{span(shared(learnt, 'training_images'))} training images. They have "
        f"{span(shared(learnt, 'units'))} units and reconstruct each token from {kept}. Training "
        f"used {own['epochs']} epochs, a batch size of {number(own['batch_size'])} tokens and a "
        f"learning rate of {number(own['learning_rate'])}. The autoencoders explain "
        f"{_share(learnt)} of the variance of test tokens."
        + (_dictionaries(facts.dictionaries) if facts.dictionaries else "")
    )


def _share(records: list[Record]) -> str:
    found = sorted(float(each["explained"]) for each in records)
    return f"{100 * found[0]:.0f} to {100 * found[-1]:.0f} %"


def _dictionaries(records: list[Record]) -> str:
    own = records[0]["provenance"]["settings"]
    alike = {"pearson": "correlation", "cosine": "cosine similarity"}[own["metric"]]
    return (
        f" Each vertex was assigned the most similar unit of all layers {cite('mao2025sparse')}, "
        f"by {alike} over training images. Similarity is reported on "
        f"{span(shared(records, 'n_test_images'))} test images, which were not used for the "
        f"choice, with confidence intervals from {number(own['bootstraps'])} bootstrap resamples "
        f"and p values from {number(own['permutations'])} permutations of images, controlling the "
        f"false discovery rate {cite('benjamini1995controlling')}. Responses with images permuted "
        "before the choice show the similarity expected from choosing the best of many units."
    )


def recovery(facts: Facts) -> str:
    """Paragraph on what was planted and recovered."""
    if not facts.recoveries:
        return ""
    seeds = span(shared(facts.recoveries, "provenance", "settings", "seeds"))
    conditions = codes(dict.fromkeys(each["condition"] for each in facts.recoveries))
    networks = codes(shared(facts.recoveries, "backbone"))
    truths = codes(dict.fromkeys(each["truth"] for each in facts.recoveries))
    readouts = codes(dict.fromkeys(each["readout"] for each in facts.recoveries))
    return (
        "To test what these data can reveal, responses with known selectors were simulated "
        f"{seeds} times for the vertices and trials of "
        f"{codes(shared(facts.recoveries, 'subject'))}, from features of {networks}, with channel "
        f"weights of the kinds {truths} and with noise that matches the noise ceilings of the "
        f"responses, and were fitted with {readouts}, under the conditions {conditions}."
    )
