# How far results can be trusted: ablations, stability, learning curves. Made by `snakemake trust`.


rule summarise_ablations:
    """Tabulate what each variant of the fit is worth beside the fit itself."""
    input:
        of_trust(FIT),
    output:
        in_report("<results>/tables/ablations.tsv", "Trust"),
    params:
        options=options("summarise_ablations", SHARED, STUDY.config["analysis"], {"base": MAIN}),
    message:
        "Tabulate ablations"
    shell:
        "cortexlens summarise-ablations {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule draw_ablations:
    """Draw what each variant of the fit changes."""
    input:
        "<results>/tables/ablations.tsv",
    output:
        picture=in_report("<results>/figures/ablations.png", "Trust"),
        drawing="<results>/figures/ablations.svg",
    params:
        options=options("draw_ablations", {"base": MAIN}),
    message:
        "Draw ablations"
    shell:
        "cortexlens draw-ablations --table {input:q} {params.options} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule summarise_stability:
    """Tabulate how far fits agree between seeds, and between halves of the images."""
    input:
        of_trust(FIT, MAPPED, has_stability),
    output:
        in_report("<results>/tables/stability.tsv", "Trust"),
    params:
        options=options("summarise_stability", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate stability"
    shell:
        "cortexlens summarise-stability {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule draw_stability:
    """Draw where a fit's maps are stable: between seeds, and between halves of the images."""
    input:
        mapped_fits_of(STUDY, variants=True),
    output:
        picture=map_in_report("<results>/figures/{backbone}/{subject}/stability.png", "stability"),
        drawing="<results>/figures/{backbone}/{subject}/stability.svg",
    message:
        "Draw stability: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-stability {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule summarise_learning_curve:
    """Tabulate scores and maps by the number of training images."""
    input:
        of_trust(FIT, MAPPED, has_learning_curve),
    output:
        in_report("<results>/tables/learning_curve.tsv", "Trust"),
    params:
        options=options("summarise_learning_curve", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate learning curves"
    shell:
        "cortexlens summarise-learning-curve {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule draw_learning_curve:
    """Draw scores and maps by the number of training images."""
    input:
        "<results>/tables/learning_curve.tsv",
    output:
        picture=in_report("<results>/figures/learning_curve.png", "Trust"),
        drawing="<results>/figures/learning_curve.svg",
    message:
        "Draw learning curves"
    shell:
        "cortexlens draw-learning-curve --table {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule trust:
    """What the fits of trust tell of the results: tables and pictures."""
    input:
        rules.draw_ablations.output if STUDY.trust else [],
        rules.summarise_stability.output if rules.summarise_stability.input else [],
        of_trust(
            "<results>/figures/{backbone}/{subject}/stability.png", only=has_stable_maps(STUDY)
        ),
        rules.draw_learning_curve.output if rules.summarise_learning_curve.input else [],
