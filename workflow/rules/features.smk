# Networks, and their features for every picture.


# Where the workflow itself runs: machines that compute may have no network.
localrules:
    fetch_weights,
    weights,


rule weights:
    """Fetch the weights of all networks of the runs, and nothing else."""
    input:
        expand("<results>/weights/{backbone}.json", backbone=fetched_networks(STUDY)),


rule fetch_weights:
    """
    See that a network's weights are in the cache; fetch them if not, and note their checksums.

    The one rule that reaches the network.
    options: the network's row, weights_cache and offline of the config
    """
    output:
        "<results>/weights/{backbone}.json",
    priority: 200
    params:
        options=backbone_options("fetch_weights"),
    message:
        "Fetch weights: {wildcards.backbone}"
    shell:
        "cortexlens fetch-weights {params.options} --out {output:q} > {log:q} 2>&1"


checkpoint describe_backbone:
    """
    Load a network once and write down what it is: layers, channels, preprocessing, weights.

    Before all other jobs, so that a network that does not load is known at once.
    options: the network's row
    """
    input:
        network_files,
    output:
        "<results>/backbones/{backbone}.json",
    priority: 100
    params:
        options=backbone_options("describe_backbone"),
        files=state_of_network(STUDY, LOOK),
    message:
        "Describe {wildcards.backbone}"
    shell:
        "cortexlens describe-backbone {params.options} --out {output:q} > {log:q} 2>&1"


# Networks of one call share decoded pictures; a later call decodes them once again.
onsuccess:
    shell(f"rm -rf {RESULTS}/decoded")


# Below all that snakemake prints: why jobs failed, in one line each, and where their logs lie.
onerror:
    tell_failures_at_exit(Path(RESULTS), log)


# Who computes is no parameter of a rule: changing it runs nothing again. Jobs read it from here.
tell_scheduler(STUDY.config)


rule extract_features:
    """
    Show a subject's images to a network and keep every layer's tokens.

    options: the network's row; grid (tokens a side), resize, batch_size (images), precision and
    device of the config
    """
    input:
        network_files,
        description="<results>/backbones/{backbone}.json",
        images="<results>/subjects/{subject}/images.tsv",
        pictures=pictures,
    output:
        directory("<results>/features/{backbone}/{subject}.zarr"),
    threads: STUDY.config["threads"]["extract_features"]
    resources:
        gpu=0 if STUDY.config["dask"]["scheduler"] else int(PLANNER.needs_gpu("extract_features")),
        workers=STUDY.config["features"]["workers"],
        decoded_gb=decoded_gb(STUDY),
    params:
        options=backbone_options("extract_features"),
    message:
        "Extract features: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens extract-features {params.options} --images {input.images:q}"
        " --threads {threads} --workers {resources.workers} --decoded-gb {resources.decoded_gb}"
        " --out {output:q} > {log:q} 2>&1"
