# Could these data have shown it? Known selectors, planted in a subject's own data.


rule recover:
    """
    Plant a truth in a subject's own trials and cortex, fit a readout, and keep both.

    options: one condition of recovery, the readout's section and seed of the config
    """
    input:
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        directory("<results>/recovery/{readout}/{backbone}/{subject}/{condition}.zarr"),
    threads: STUDY.config["threads"]["recover"]
    params:
        options=recovery_options,
    message:
        "Recover: {wildcards.readout}, {wildcards.backbone}, {wildcards.subject},"
        " {wildcards.condition}"
    shell:
        "cortexlens recover --features {input.features:q} --responses {input.responses:q}"
        " --backbone {wildcards.backbone} --subject {wildcards.subject} --threads {threads}"
        " {params.options} --out {output:q} > {log:q} 2>&1"


rule summarise_recovery_study:
    """Tabulate what was found again under each condition, and which layers were confused."""
    input:
        recovery_stores(STUDY),
    output:
        study=in_report("<results>/tables/recovery_study.tsv", "Recovery"),
        confusion=in_report("<results>/tables/recovery_confusion.tsv", "Recovery"),
    params:
        options=options("summarise_recovery_study", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate the recovery study"
    shell:
        "cortexlens summarise-recovery-study {input:q} {params.options}"
        " --out {output.study:q} --confusion {output.confusion:q} > {log:q} 2>&1"


rule draw_recovery:
    """Draw what was found again against what was varied, and the layers that were confused."""
    input:
        study="<results>/tables/recovery_study.tsv",
        confusion="<results>/tables/recovery_confusion.tsv",
    output:
        study=in_report("<results>/figures/recovery_study.png", "Recovery"),
        confusion=in_report("<results>/figures/recovery_confusion.png", "Recovery"),
        drawings=multiext("<results>/figures/recovery", "_study.svg", "_confusion.svg"),
    message:
        "Draw the recovery study"
    shell:
        "cortexlens draw-recovery --study {input.study:q} --confusion {input.confusion:q}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule recovery:
    """The recovery study that the config asks for."""
    input:
        rules.draw_recovery.output if rules.summarise_recovery_study.input else [],
