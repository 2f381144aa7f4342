# Maps of layers by the units that vertices resemble. Made by `snakemake sae`.


rule draw_dictionary:
    """Draw the layer whose unit each vertex resembles most, and how much it does."""
    input:
        dictionary="<results>/dictionaries/{backbone}/{subject}.zarr",
        description="<results>/backbones/{backbone}.json",
    output:
        layer=map_in_report(
            "<results>/figures/{backbone}/{subject}/dictionary_layer.png", "dictionary layer"
        ),
        similarity=map_in_report(
            "<results>/figures/{backbone}/{subject}/dictionary_similarity.png", "likeness to units"
        ),
        drawings=multiext(
            "<results>/figures/{backbone}/{subject}/dictionary",
            "_layer.svg",
            "_similarity.svg",
        ),
    message:
        "Draw dictionary: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-dictionary --dictionary {input.dictionary:q}"
        " --description {input.description:q} --out {params.folder:q} > {log:q} 2>&1"


rule summarise_dictionary_layers:
    """
    Tabulate how dictionaries' layers follow the hierarchy, and agree with those of fits.

    options: confidence_level, bootstraps and permutations of analysis, and seed
    """
    input:
        dictionaries=of_pairs(STUDY, "<results>/dictionaries/{backbone}/{subject}.zarr"),
        descriptions=of_pairs(STUDY, "<results>/backbones/{backbone}.json"),
        fits=of_runs(FIT, runs=coded_fits(STUDY)),
    output:
        hierarchy=in_report("<results>/tables/dictionary_hierarchy.tsv", "Dictionaries"),
        agreement=in_report(
            "<results>/tables/dictionary_agreement.tsv",
            "Dictionaries",
            caption="dictionary_agreement_table",
        ),
    params:
        options=options(
            "summarise_dictionary_layers",
            SHARED,
            STUDY.config["analysis"],
            {"descriptions": f"{RESULTS}/backbones"},
        ),
    message:
        "Tabulate layers of dictionaries"
    shell:
        "cortexlens summarise-dictionary-layers {input.dictionaries:q} {input.fits:q}"
        " {params.options} --out {params.folder:q} > {log:q} 2>&1"


rule draw_dictionary_agreement:
    """Draw layers of a dictionary and of a fit side by side, and where they agree."""
    input:
        dictionary="<results>/dictionaries/{backbone}/{subject}.zarr",
        fit="<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
    output:
        picture=map_in_report(
            "<results>/figures/{backbone}/{subject}/dictionary_agreement.png", "dictionary and fit"
        ),
        drawing="<results>/figures/{backbone}/{subject}/dictionary_agreement.svg",
    message:
        "Draw agreement with dictionary: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-dictionary-agreement --dictionary {input.dictionary:q}"
        " --fit {input.fit:q} --out {params.folder:q} > {log:q} 2>&1"


rule draw_film:
    """
    Draw what units do on single images on the vertices that resemble them, layer by layer.

    options: shown of sae
    """
    input:
        dictionary="<results>/dictionaries/{backbone}/{subject}.zarr",
        units=of_layers(
            STUDY,
            checkpoints,
            "<results>/units/{backbone}/{layer}/seed-{sae_seed}/{subject}.zarr",
        ),
        responses="<results>/subjects/{subject}/responses.zarr",
        images="<results>/subjects/{subject}/images.tsv",
        pictures=pictures,
    output:
        picture=in_report("<results>/figures/{backbone}/{subject}/film.png", "Dictionaries"),
        drawing="<results>/figures/{backbone}/{subject}/film.svg",
    params:
        options=options("draw_film", STUDY.config["sae"]),
    message:
        "Draw film: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-film {input.units:q} --dictionary {input.dictionary:q}"
        " --responses {input.responses:q} --images {input.images:q} {params.options}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule dictionary_maps:
    """Layer maps, hierarchy and film strips of dictionaries."""
    input:
        rules.summarise_dictionary_layers.output if STUDY.coded else [],
        of_pairs(STUDY, "<results>/figures/{backbone}/{subject}/dictionary_layer.png"),
        of_pairs(STUDY, "<results>/figures/{backbone}/{subject}/film.png"),
        of_runs(
            "<results>/figures/{backbone}/{subject}/dictionary_agreement.png",
            runs=coded_fits(STUDY),
        ),
