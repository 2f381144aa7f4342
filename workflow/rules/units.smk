# What units of autoencoders prefer, and the regions that they resemble. Made by `snakemake sae`.


rule summarise_units:
    """
    Tabulate whether units prefer what their regions prefer, and which units regions share.

    options: confidence_level, bootstraps and permutations of analysis, and seed
    """
    input:
        of_pair_layers(
            STUDY, checkpoints, "<results>/units/{backbone}/{layer}/seed-0/{subject}.zarr"
        ),
        of_pairs(STUDY, "<results>/subjects/{subject}/responses.zarr"),
        of_pairs(STUDY, "<results>/subjects/{subject}/images.tsv"),
        dictionaries=of_pairs(STUDY, "<results>/dictionaries/{backbone}/{subject}.zarr"),
    output:
        selectivity=in_report(
            "<results>/tables/unit_selectivity.tsv", "Units", caption="unit_selectivity_table"
        ),
        agreement=in_report("<results>/tables/unit_agreement.tsv", "Units"),
        overlap=in_report("<results>/tables/dictionary_overlap.tsv", "Units"),
    params:
        options=options(
            "summarise_units",
            SHARED,
            STUDY.config["analysis"],
            {"units": f"{RESULTS}/units", "subjects": f"{RESULTS}/subjects"},
        ),
    message:
        "Tabulate units of regions"
    shell:
        "cortexlens summarise-units {input.dictionaries:q} {params.options}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule draw_unit_selectivity:
    """Draw what units of regions prefer, beside what the regions prefer."""
    input:
        rules.summarise_units.output.selectivity,
    output:
        picture=in_report("<results>/figures/unit_selectivity.png", "Units"),
        drawing="<results>/figures/unit_selectivity.svg",
    message:
        "Draw what units of regions prefer"
    shell:
        "cortexlens draw-unit-selectivity {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule draw_units:
    """Draw each region's most chosen unit: pictures, places in them, and the cortex."""
    input:
        of_layers(
            STUDY,
            checkpoints,
            "<results>/saes/{backbone}/{layer}/seed-{sae_seed}/sae.safetensors",
        ),
        units=of_layers(
            STUDY,
            checkpoints,
            "<results>/units/{backbone}/{layer}/seed-{sae_seed}/{subject}.zarr",
        ),
        dictionary="<results>/dictionaries/{backbone}/{subject}.zarr",
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
        images="<results>/subjects/{subject}/images.tsv",
        pictures=pictures,
    output:
        picture=in_report("<results>/figures/{backbone}/{subject}/units.png", "Units"),
        drawing="<results>/figures/{backbone}/{subject}/units.svg",
    params:
        saes=f"{RESULTS}/saes/{{backbone}}",
    message:
        "Draw units: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-units {input.units:q} --dictionary {input.dictionary:q}"
        " --saes {params.saes:q} --features {input.features:q}"
        " --responses {input.responses:q} --images {input.images:q} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule units:
    """Selectivity of units beside that of regions, and pages of units."""
    input:
        rules.summarise_units.output if STUDY.coded else [],
        rules.draw_unit_selectivity.output if STUDY.coded else [],
        of_pairs(STUDY, "<results>/figures/{backbone}/{subject}/units.png"),
