# Sparse autoencoders learn the layers of networks. Made by `snakemake sae`.

from cortexlens.workflow.params import trusting


# Further pictures lie where those of a subject do.
ruleorder: list_pictures > collect_images


rule list_pictures:
    """
    List the pictures that autoencoders learn on besides those of subjects.

    options: pictures of sae
    """
    input:
        STUDY.config["sae"].get("pictures", []),
    output:
        f"<results>/subjects/{FURTHER_PICTURES}/images.tsv",
    params:
        files=state_of_images(STUDY, LOOK, FURTHER_PICTURES),
    message:
        "List further pictures"
    shell:
        "cortexlens list-pictures --pictures {input:q} --out {output:q} > {log:q} 2>&1"


rule train_sae:
    """
    Learn a sparse autoencoder of a layer on training pictures, and measure it on test pictures.

    A job that was killed goes on from its last pass when it runs again.
    options: sae, device and weights_cache of the config; memory of its encoder
    """
    input:
        network_files,
        features=of_subjects(STUDY, "<results>/features/{backbone}/{subject}.zarr"),
        images=of_subjects(STUDY, "<results>/subjects/{subject}/images.tsv"),
        responses=of_subjects(STUDY, "<results>/subjects/{subject}/responses.zarr", recorded=True),
    output:
        weights="<results>/saes/{backbone}/{layer}/seed-{sae_seed}/sae.safetensors",
        history="<results>/saes/{backbone}/{layer}/seed-{sae_seed}/history.tsv",
        report="<results>/saes/{backbone}/{layer}/seed-{sae_seed}/sae.json",
    threads: STUDY.config["threads"]["train_sae"]
    params:
        options=trusting(
            STUDY,
            "train_sae",
            {"device": STUDY.config["device"], "weights_cache": STUDY.config["weights_cache"]},
            {"memory": STUDY.config["encoder"].get("memory")},
            STUDY.config["sae"],
            {"subjects": f"{RESULTS}/subjects"},
        ),
    message:
        "Learn an autoencoder: {wildcards.backbone}, {wildcards.layer}, seed {wildcards.sae_seed}"
    shell:
        "cortexlens train-sae {input.features:q} --backbone {wildcards.backbone}"
        " --layer {wildcards.layer} --sae-seed {wildcards.sae_seed} {params.options}"
        " --threads {threads} --out {params.folder:q} > {log:q} 2>&1"


rule summarise_saes:
    """Tabulate what autoencoders are worth."""
    input:
        of_networks(
            STUDY, checkpoints, "<results>/saes/{backbone}/{layer}/seed-{sae_seed}/sae.json"
        ),
    output:
        in_report(
            "<results>/tables/sae_quality.tsv", "Sparse autoencoders", caption="sae_quality_table"
        ),
    message:
        "Tabulate autoencoders"
    shell:
        "cortexlens summarise-saes {input:q} --out {output:q} > {log:q} 2>&1"


rule draw_saes:
    """Draw what autoencoders are worth by layer, beside principal components."""
    input:
        rules.summarise_saes.output,
    output:
        picture=in_report("<results>/figures/sae_quality.png", "Sparse autoencoders"),
        drawing="<results>/figures/sae_quality.svg",
    message:
        "Draw autoencoders"
    shell:
        "cortexlens draw-saes --table {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule saes:
    """Sparse autoencoders, and what they are worth."""
    input:
        rules.draw_saes.output if STUDY.coded else [],
