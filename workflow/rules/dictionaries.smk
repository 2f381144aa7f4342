# Units of autoencoders are compared with vertices. Made by `snakemake sae`.


rule compare_units:
    """
    Find the units of an autoencoder that resemble a subject's vertices, and what chance finds.

    options: pooling, kept and shuffles of sae, and seed
    """
    input:
        sae="<results>/saes/{backbone}/{layer}/seed-{sae_seed}/sae.safetensors",
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        directory("<results>/units/{backbone}/{layer}/seed-{sae_seed}/{subject}.zarr"),
    threads: STUDY.config["threads"]["compare_units"]
    params:
        options=options("compare_units", SHARED, STUDY.config["sae"]),
    message:
        "Compare units: {wildcards.backbone}, {wildcards.layer}, {wildcards.subject}"
    shell:
        "cortexlens compare-units --sae {input.sae:q} --features {input.features:q}"
        " --responses {input.responses:q} --backbone {wildcards.backbone:q}"
        " --subject {wildcards.subject} --layer {wildcards.layer:q} --sae-seed {wildcards.sae_seed}"
        " --threads {threads} {params.options} --out {output:q} > {log:q} 2>&1"


rule build_dictionary:
    """
    Give each vertex its most similar unit of all layers, chosen on training images.

    options: metric of sae, interval, bootstraps and permutations of analysis, and seed
    """
    input:
        units=of_layers(
            STUDY,
            checkpoints,
            "<results>/units/{backbone}/{layer}/seed-{sae_seed}/{subject}.zarr",
            seeds=STUDY.config["sae"]["seeds"],
        ),
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        directory("<results>/dictionaries/{backbone}/{subject}.zarr"),
    params:
        options=options(
            "build_dictionary",
            SHARED,
            STUDY.config["analysis"],
            {"metric": STUDY.config["sae"]["metric"]},
        ),
    message:
        "Build dictionary: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens build-dictionary {input.units:q} --responses {input.responses:q}"
        " {params.options} --out {output:q} > {log:q} 2>&1"


rule summarise_dictionaries:
    """Tabulate how similar units and vertices are by region, beside chance and other seeds."""
    input:
        of_pairs(STUDY, "<results>/dictionaries/{backbone}/{subject}.zarr"),
    output:
        in_report(
            "<results>/tables/dictionary.tsv", "Sparse autoencoders", caption="dictionary_table"
        ),
    message:
        "Tabulate dictionaries"
    shell:
        "cortexlens summarise-dictionaries {input:q} --out {output:q} > {log:q} 2>&1"


rule match_saes:
    """
    Tabulate how alike autoencoders of one layer are that differ by their seeds.

    options: seed
    """
    input:
        of_networks(
            STUDY,
            checkpoints,
            "<results>/saes/{backbone}/{layer}/seed-{sae_seed}/sae.safetensors",
        ),
    output:
        in_report("<results>/tables/sae_stability.tsv", "Sparse autoencoders"),
    params:
        options=options("match_saes", SHARED),
    message:
        "Match autoencoders between seeds"
    shell:
        "cortexlens match-saes {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule draw_dictionary_null:
    """
    Draw what choosing the best of many units makes of similarity, for true and exchanged images.
    """
    input:
        "<results>/dictionaries/{backbone}/{subject}.zarr",
    output:
        picture=in_report(
            "<results>/figures/{backbone}/{subject}/dictionary_null.png", "Sparse autoencoders"
        ),
        drawing="<results>/figures/{backbone}/{subject}/dictionary_null.svg",
    message:
        "Draw units and chance: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-dictionary-null --dictionary {input:q} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule dictionaries:
    """Which unit each vertex resembles most, on images that did not choose it."""
    input:
        rules.summarise_dictionaries.output if STUDY.coded else [],
        rules.match_saes.output if STUDY.coded and STUDY.config["sae"]["seeds"] > 1 else [],
        of_pairs(STUDY, "<results>/figures/{backbone}/{subject}/dictionary_null.png"),
