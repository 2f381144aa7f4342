# Scores of each fit, and tables over all fits.


rule score_fit:
    """
    Score one fit: intervals over test images, and how often chance does as well.

    options: analysis and seed of the config
    """
    input:
        FIT,
    output:
        directory("<results>/scores/{readout}/{backbone}/{subject}.zarr"),
    # before the pictures: the tables, and the sheets that show scores, wait for all of them
    priority: 10
    params:
        options=options("score_fit", SHARED, STUDY.config["analysis"]),
    message:
        "Score: {wildcards.readout}, {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens score-fit --fit {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule summarise_scores:
    """Tabulate every fit's scores by region of interest."""
    input:
        of_runs("<results>/scores/{readout}/{backbone}/{subject}.zarr"),
    output:
        in_report("<results>/tables/brain_score.tsv", "Tables"),
    message:
        "Tabulate scores"
    shell:
        "cortexlens summarise-scores {input:q} --out {output:q} > {log:q} 2>&1"


rule summarise_hierarchy:
    """Tabulate how the layers of each network line up with the visual hierarchy."""
    input:
        of_runs(FIT, runs=STUDY.tabled),
    output:
        in_report("<results>/tables/hierarchy.tsv", "Tables"),
    params:
        options=options("summarise_hierarchy", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate the hierarchy"
    shell:
        "cortexlens summarise-hierarchy {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule summarise_levels:
    """
    Tabulate the level of each region, and how it differs between networks and between subjects.

    options: confidence_level, bootstraps and seed of the config
    """
    input:
        of_runs(FIT, runs=STUDY.tabled),
    output:
        regions=in_report("<results>/tables/region_levels.tsv", "Tables"),
        differences=in_report("<results>/tables/level_differences.tsv", "Tables"),
    params:
        options=options("summarise_levels", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate levels of regions"
    shell:
        "cortexlens summarise-levels {input:q} {params.options} --out {output.regions:q}"
        " --differences {output.differences:q} > {log:q} 2>&1"


rule summarise_agreement:
    """Tabulate how alike the maps of each network are in subjects who share a cortex."""
    input:
        of_runs(FIT, runs=STUDY.tabled),
    output:
        in_report("<results>/tables/subject_agreement.tsv", "Tables"),
    params:
        options=options("summarise_agreement", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate the agreement of subjects"
    shell:
        "cortexlens summarise-agreement {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule summarise_models:
    """
    Tabulate by region the best network's score and how far each network stays behind.

    options: confidence_level, bootstraps and seed of the config
    """
    input:
        of_runs(FIT, runs=STUDY.tabled),
    output:
        in_report("<results>/tables/roi_models.tsv", "Tables"),
    params:
        options=options("summarise_models", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate the max model"
    shell:
        "cortexlens summarise-models {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule compare_paper:
    """Set own numbers beside the published ones, where networks of the paper are in the study."""
    input:
        backbones=STUDY.config["backbones"],
        scores="<results>/tables/brain_score.tsv",
        hierarchy="<results>/tables/hierarchy.tsv",
        models="<results>/tables/roi_models.tsv",
    output:
        table=in_report("<results>/tables/paper_comparison.tsv", "Tables"),
        figure=in_report("<results>/figures/paper_comparison.png", "Overview"),
        drawing="<results>/figures/paper_comparison.svg",
    params:
        folder=subpath(output.figure, parent=True),
        options=options("compare_paper", {"readout": MAIN}),
    message:
        "Compare with the paper"
    shell:
        "cortexlens compare-paper --backbones {input.backbones:q} --scores {input.scores:q}"
        " --hierarchy {input.hierarchy:q} --models {input.models:q} {params.options}"
        " --out {output.table:q} --figures {params.folder:q} > {log:q} 2>&1"


rule summarise_sizes:
    """
    Tabulate and draw hierarchy and score against the size of the networks of a family.

    options: interval of the config
    """
    input:
        descriptions=expand("<results>/backbones/{backbone}.json", backbone=sized_networks(STUDY)),
        backbones=STUDY.config["backbones"],
        hierarchy="<results>/tables/hierarchy.tsv",
        scores="<results>/tables/brain_score.tsv",
    output:
        table=in_report("<results>/tables/hierarchy_size.tsv", "Tables"),
        trends=in_report("<results>/tables/hierarchy_size_trend.tsv", "Tables"),
        picture=in_report("<results>/figures/hierarchy_size.png", "Hierarchy"),
        drawing="<results>/figures/hierarchy_size.svg",
    params:
        folder=subpath(output.picture, parent=True),
        options=options("summarise_sizes", STUDY.config["analysis"], {"readout": MAIN}),
    message:
        "Compare sizes within families"
    shell:
        "cortexlens summarise-sizes {input.descriptions:q} --backbones {input.backbones:q}"
        " --hierarchy {input.hierarchy:q} --scores {input.scores:q} {params.options}"
        " --out {output.table:q} --trends {output.trends:q} --figures {params.folder:q}"
        " > {log:q} 2>&1"


rule summarise_recovery:
    """Tabulate what the fits find again of what was planted in simulated subjects."""
    input:
        of_runs(FIT, runs=STUDY.tabled),
    output:
        in_report("<results>/tables/recovery.tsv", "Tables"),
    message:
        "Tabulate the recovery"
    shell:
        "cortexlens summarise-recovery {input:q} --out {output:q} > {log:q} 2>&1"


rule tables:
    """All tables."""
    input:
        rules.summarise_scores.output,
        rules.summarise_hierarchy.output if rules.summarise_hierarchy.input else [],
        rules.summarise_levels.output if rules.summarise_levels.input else [],
        rules.summarise_agreement.output if shared_networks(STUDY) else [],
        rules.summarise_models.output if rules.summarise_models.input else [],
        rules.compare_paper.output.table if rules.summarise_models.input else [],
        rules.summarise_sizes.output.table if sized_networks(STUDY) else [],
        rules.summarise_recovery.output if planted_runs(STUDY) else [],
