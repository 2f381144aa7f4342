# The demo zoo, made again: `snakemake demo_zoo`. Its networks ship with the package.

ZOO = "results/zoo"
ZOO_TASKS = ["supervised", "masked", "contrastive", "distilled", "diffusion"]


rule demo_zoo:
    """Every network of the demo zoo, trained anew, and its model card."""
    input:
        f"{ZOO}/MODEL_CARD.md",


rule draw_zoo_scenes:
    """
    Draw the scenes that the zoo is trained on, from a seed of their own: no subject sees them.
    """
    output:
        directory(f"{ZOO}/scenes"),
    log:
        f"{ZOO}/logs/draw_zoo_scenes.log",
    benchmark:
        f"{ZOO}/benchmarks/draw_zoo_scenes.tsv"
    resources:
        mem_mb=1000,
        runtime=30,
        disk_mb=200,
    params:
        code=fingerprint("draw_scenes"),
    message:
        "Draw the zoo's scenes"
    shell:
        "cortexlens draw-scenes --n-scenes 8192 --size 96 --seed 4242 --out {output:q}"
        " > {log:q} 2>&1"


rule train_backbone:
    """Train a demo network in one way, and measure it at its own task on held-out scenes."""
    input:
        f"{ZOO}/scenes",
    output:
        weights=f"{ZOO}/demo-{{task}}.safetensors",
        report=f"{ZOO}/demo-{{task}}.json",
    log:
        f"{ZOO}/logs/train_backbone/{{task}}.log",
    benchmark:
        f"{ZOO}/benchmarks/train_backbone/{{task}}.tsv"
    wildcard_constraints:
        task="|".join(ZOO_TASKS),
    resources:
        mem_mb=4000,
        runtime=120,
        disk_mb=10,
    message:
        "Train demo-{wildcards.task}"
    shell:
        "cortexlens train-backbone --scenes {input:q} --task {wildcards.task} --seed 1"
        " --threads {threads} --out {output.weights:q} --report {output.report:q}"
        " > {log:q} 2>&1"


rule write_model_card:
    """State in one text how the networks of the zoo were made and how good they are."""
    input:
        expand(f"{ZOO}/demo-{{task}}.json", task=ZOO_TASKS),
    output:
        f"{ZOO}/MODEL_CARD.md",
    log:
        f"{ZOO}/logs/write_model_card.log",
    benchmark:
        f"{ZOO}/benchmarks/write_model_card.tsv"
    resources:
        mem_mb=500,
        runtime=5,
        disk_mb=1,
    message:
        "Write the zoo's model card"
    shell:
        "cortexlens write-model-card {input:q} --out {output:q} > {log:q} 2>&1"
