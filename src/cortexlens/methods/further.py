"""Paragraphs on the optional parts of a study besides its fits; each is empty without records."""

from cortexlens.methods.facts import Facts, Record, shared
from cortexlens.methods.marks import cite, code, codes, number, span, table
from cortexlens.methods.models import seeded

_ACTIVATIONS = {
    "topk": ("the {k} most active units", "gao2024scaling"),
    "batchtopk": ("{k} units a token in the mean of a batch", "bussmann2024batchtopk"),
    "jumprelu": ("units above thresholds that are learnt", "rajamanoharan2024jumping"),
}


def finetuning(facts: Facts) -> str:
    """Paragraph on how networks were fine-tuned, with a table row per network."""
    if not facts.finetunings:
        return ""
    own = facts.finetunings[0]["provenance"]["settings"]
    trained = {
        "all": "All weights were trained",
        "head": "The head alone was trained",
        "lora": f"Updates of rank {own['lora_rank']} were trained {cite('hu2021lora')}",
    }[own["trained"]]
    head = ["network", "pictures", "classes", "learnt from", "balanced accuracy, start to last"]
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
        f"{trained} for {number(own['steps'])} steps of {own['batch_size']} pictures by AdamW "
        f"{cite('loshchilov2017decoupled')} (learning rate {number(own['learning_rate'])}, of the "
        f"head {number(own['learning_rate'] * own['head_lr_multiplier'])}; weight decay "
        f"{number(own['weight_decay'])}){seeded(facts.finetunings)}, on up to "
        f"{number(own['images_per_class'])} pictures of each class. Networks were then read and "
        "fitted as before, to the same images and responses. Drift of features is linear CKA "
        f"{cite('kornblith2019similarity')}.\n\n{table(head, rows)}"
    )


def channels(facts: Facts) -> str:
    """Paragraph on how channel selectors were clustered."""
    if not facts.channels:
        return ""
    own = facts.channels[0]["provenance"]["settings"]
    alike = {
        "read": "by the correlation of what they read from the same tokens",
        "raw": "by their cosine",
    }[own["metric"]]
    count = "the most stable number of" if own["clusters"] == 0 else str(own["clusters"])
    return (
        f"Channel selectors of {codes(shared(facts.channels, 'backbone'))} were compared {alike}, "
        f"put into up to {number(own['first_clusters'])} clusters by k-means, which Ward's "
        f"criterion joined to {count} clusters{seeded(facts.channels)}. Their stability is the "
        f"adjusted Rand index of clusters of two halves of the vertices, {own['splits']} times, "
        "beside selectors whose values were exchanged between vertices along each principal axis."
    )


def autoencoders(facts: Facts) -> str:
    """Paragraph on how autoencoders were trained, and how units and vertices were compared."""
    if not facts.autoencoders:
        return ""
    first = facts.autoencoders[0]
    own = first["provenance"]["settings"]
    how, work = _ACTIVATIONS.get(own["activation"], ("units held few by an L1 penalty", ""))
    kept = how.format(k=own["k"]) + (f" {cite(work)}" if work else "")
    learnt = facts.autoencoders
    return (
        f"Sparse autoencoders of {codes(shared(learnt, 'backbone'))}, layers "
        f"{codes(shared(learnt, 'layer'))}, {len(shared(learnt, 'sae_seed'))} seeds each, learnt "
        f"the {first['tokens']} tokens of {span(shared(learnt, 'training_images'))} training "
        f"images: {span(shared(learnt, 'units'))} units, of which a token is written by {kept}; "
        f"{own['epochs']} passes in batches of {number(own['batch_size'])} tokens, learning rate "
        f"{number(own['learning_rate'])}. On test tokens they explain "
        f"{_share(learnt)} of the variance."
        + (_dictionaries(facts.dictionaries) if facts.dictionaries else "")
    )


def _share(records: list[Record]) -> str:
    found = sorted(float(each["explained"]) for each in records)
    return f"{100 * found[0]:.0f} to {100 * found[-1]:.0f} %"


def _dictionaries(records: list[Record]) -> str:
    own = records[0]["provenance"]["settings"]
    alike = {"pearson": "correlation", "cosine": "cosine"}[own["metric"]]
    return (
        " Each vertex was given the unit of all layers that resembles it most "
        f"{cite('mao2025sparse')}, by {alike} over training images; likeness is reported on "
        f"{span(shared(records, 'n_test_images'))} test images, which chose nothing, with "
        f"intervals over {number(own['bootstraps'])} resamples of them and p-values from "
        f"{number(own['permutations'])} exchanges of images, as a false discovery rate "
        f"{cite('benjamini1995controlling')}. Responses whose images were exchanged before the "
        "choice show what choosing the best of many units gives by chance."
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
        f"To see what these data can show, known selectors were planted {seeds} times in the "
        f"places and trials of {codes(shared(facts.recoveries, 'subject'))}, on features of "
        f"{networks}, with channel weights of the kinds {truths} and noise to the ceilings of the "
        f"responses, and fitted by {readouts}, under the conditions {conditions}."
    )
