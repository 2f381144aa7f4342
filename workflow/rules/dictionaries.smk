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
    log:
        "<logs>/compare_units/{backbone}/{layer}/seed-{sae_seed}/{subject}.log",
    benchmark:
        "<benchmarks>/compare_units/{backbone}/{layer}/seed-{sae_seed}/{subject}.tsv"
    threads: STUDY.config["threads"]["compare_units"]
    resources:
        mem_mb=needed("compare_units", "mem_mb"),
        runtime=needed("compare_units", "runtime"),
        disk_mb=needed("compare_units", "disk_mb"),
    params:
        code=fingerprint("compare_units"),
        options=options("compare_units", SHARED, STUDY.config["sae"]),
    message:
        "Compare units: {wildcards.backbone}, {wildcards.layer}, {wildcards.subject}"
    shell:
        "cortexlens compare-units --sae {input.sae:q} --features {input.features:q}"
        " --responses {input.responses:q} --backbone {wildcards.backbone:q}"
        " --layer {wildcards.layer:q} --sae-seed {wildcards.sae_seed} --threads {threads}"
        " {params.options} --out {output:q} > {log:q} 2>&1"


rule dictionaries:
    """Which unit each vertex resembles most, on images that did not choose it."""
    input:
        [],
