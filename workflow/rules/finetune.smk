# Networks are fine-tuned and mapped again. Made by `snakemake finetuning`.


rule finetune:
    """
    Fine-tune a network on labelled pictures; keep its best and last weights, and its curves.

    A job that was killed goes on from its last measurement when it runs again.
    options: the network's row, the row of finetunes.tsv, finetuning and seed of the config
    """
    input:
        finetune_files,
    output:
        weights=expand(
            "<results>/finetunes/{{finetune}}/{{backbone}}/{name}.safetensors",
            name=["best", "last", *checkpoint_names(STUDY)],
        ),
        history=report(
            "<results>/finetunes/{finetune}/{backbone}/history.tsv",
            caption="../report/finetune.rst",
            category="Fine-tuning",
            labels={"network": "{backbone}", "fine-tuned on": "{finetune}"},
        ),
        report="<results>/finetunes/{finetune}/{backbone}/finetune.json",
    priority: 50
    threads: STUDY.config["threads"]["finetune"]
    params:
        options=finetune_options,
        files=state_of_labelled(STUDY, LOOK),
    message:
        "Fine-tune {wildcards.backbone} on {wildcards.finetune}"
    shell:
        "cortexlens finetune {params.options} --threads {threads} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule finetuning:
    """Networks before and after fine-tuning: curves, scores, maps, and what changed."""
    input:
        finetune_reports(STUDY),
        of_runs("<results>/scores/{readout}/{backbone}/{subject}.zarr", runs=STUDY.finetuned),
        maps_of(STUDY, STUDY.finetuned),
        rules.changes.input,
