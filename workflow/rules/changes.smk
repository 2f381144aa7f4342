# What fine-tuning changed: tables and pictures. Made by `snakemake finetuning`.


rule summarise_changes:
    """Tabulate what fine-tuning changed: scores and selectors by region, and the hierarchy."""
    input:
        of_runs(FIT, runs=STUDY.finetuned),
    output:
        regions=in_report("<results>/tables/finetune_changes.tsv", "Fine-tuning"),
        hierarchy=in_report(
            "<results>/tables/finetune_hierarchy.tsv", "Fine-tuning", caption="finetune_changes"
        ),
    params:
        options=options(
            "summarise_changes", SHARED, STUDY.config["analysis"], {"derived": origins(STUDY)}
        ),
    message:
        "Tabulate what fine-tuning changed"
    shell:
        "cortexlens summarise-changes {input:q} {params.options} --out {output.regions:q}"
        " --hierarchy {output.hierarchy:q} > {log:q} 2>&1"


rule summarise_drift:
    """Tabulate how far the features of each layer drifted, on the images of the study."""
    input:
        of_runs("<results>/features/{backbone}/{subject}.zarr", runs=STUDY.finetuned),
    output:
        in_report("<results>/tables/finetune_drift.tsv", "Fine-tuning"),
    params:
        options=options("summarise_drift", STUDY.config["analysis"], {"derived": origins(STUDY)}),
    message:
        "Tabulate drift of features"
    shell:
        "cortexlens summarise-drift {input:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule probe_labels:
    """Tabulate what networks know of the pictures' labels before and after fine-tuning."""
    input:
        features=of_runs("<results>/features/{backbone}/{subject}.zarr", runs=STUDY.finetuned),
        images=of_runs("<results>/subjects/{subject}/images.tsv", runs=STUDY.finetuned),
        responses=of_runs("<results>/subjects/{subject}/responses.zarr", runs=STUDY.finetuned),
    output:
        in_report("<results>/tables/finetune_forgetting.tsv", "Fine-tuning"),
    params:
        options=options(
            "probe_labels",
            STUDY.config["analysis"],
            {"derived": origins(STUDY), "subjects": f"{RESULTS}/subjects"},
        ),
    message:
        "Probe what networks know of labels"
    shell:
        "cortexlens probe-labels {input.features:q} {params.options} --out {output:q} > {log:q} 2>&1"


rule draw_changes:
    """Draw layer map and score of each vertex before and after fine-tuning, and the difference."""
    input:
        before=fit_before(STUDY),
        after="<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
    output:
        picture=map_in_report("<results>/figures/{backbone}/{subject}/change.png", "change"),
        drawing="<results>/figures/{backbone}/{subject}/change.svg",
    message:
        "Draw what changed: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-changes --before {input.before:q} --after {input.after:q}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule draw_finetuning:
    """Draw what fine-tuning changed, how features drifted, and how training went."""
    input:
        reports=finetune_reports(STUDY),
        curves=[each.replace("finetune.json", "history.tsv") for each in finetune_reports(STUDY)],
        changes="<results>/tables/finetune_changes.tsv",
        hierarchy="<results>/tables/finetune_hierarchy.tsv",
        drift="<results>/tables/finetune_drift.tsv",
        forgetting="<results>/tables/finetune_forgetting.tsv",
    output:
        changes=in_report("<results>/figures/finetune_changes.png", "Fine-tuning"),
        drift=in_report("<results>/figures/finetune_drift.png", "Fine-tuning"),
        training=in_report(
            "<results>/figures/finetune_training.png", "Fine-tuning", caption="finetune"
        ),
        drawings=expand(
            "<results>/figures/finetune_{name}.svg", name=["changes", "drift", "training"]
        ),
    params:
        options=options("draw_finetuning", {"readout": MAIN}),
    message:
        "Draw what fine-tuning changed"
    shell:
        "cortexlens draw-finetuning {input.reports:q} --changes {input.changes:q}"
        " --hierarchy {input.hierarchy:q} --drift {input.drift:q} --forgetting {input.forgetting:q}"
        " {params.options} --out {params.folder:q} > {log:q} 2>&1"


rule draw_trajectory:
    """Draw how expected layers and scores of regions move from checkpoint to checkpoint."""
    input:
        reports=finetune_reports(STUDY),
        changes="<results>/tables/finetune_changes.tsv",
    output:
        picture=in_report("<results>/figures/trajectory.png", "Fine-tuning"),
        drawing="<results>/figures/trajectory.svg",
    params:
        options=options("draw_trajectory", STUDY.config["finetuning"], {"readout": MAIN}),
    message:
        "Draw maps along fine-tuning"
    shell:
        "cortexlens draw-trajectory {input.reports:q} --changes {input.changes:q} {params.options}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule changes:
    """What fine-tuning changed, where anything is fine-tuned."""
    input:
        rules.draw_finetuning.output if STUDY.derived else [],
        rules.draw_trajectory.output if checkpoint_names(STUDY) and STUDY.derived else [],
        of_runs("<results>/figures/{backbone}/{subject}/change.png", runs=tuned_fits(STUDY)),
