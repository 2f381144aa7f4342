# Pictures, and responses to them.


rule draw_scenes:
    """
    Draw the scenes of a simulated study: PNG files and scenes.tsv with the truth about each.

    options: n_scenes, size (px) and seed of the config
    """
    output:
        directory("<results>/scenes"),
    log:
        "<logs>/draw_scenes.log",
    benchmark:
        "<benchmarks>/draw_scenes.tsv"
    # all else waits for the scenes; networks are described beside them
    priority: 110
    resources:
        mem_mb=needed("draw_scenes", "mem_mb"),
        runtime=needed("draw_scenes", "runtime"),
        disk_mb=needed("draw_scenes", "disk_mb"),
    params:
        code=fingerprint("draw_scenes"),
        options=options("draw_scenes", SHARED, DATASET),
    message:
        "Draw scenes"
    shell:
        "cortexlens draw-scenes {params.options} --out {output:q} > {log:q} 2>&1"


rule collect_images:
    """
    List a subject's images, in the order of every image axis from here on.

    options: keys of dataset in the config, the subject's row
    """
    input:
        listed,
    output:
        "<results>/subjects/{subject}/images.tsv",
    log:
        "<logs>/collect_images/{subject}.log",
    benchmark:
        "<benchmarks>/collect_images/{subject}.tsv"
    resources:
        mem_mb=needed("collect_images", "mem_mb"),
        runtime=needed("collect_images", "runtime"),
        disk_mb=needed("collect_images", "disk_mb"),
    params:
        code=fingerprint("collect_images"),
        options=subject_options("collect_images"),
        files=state_of_images(STUDY, LOOK),
    message:
        "List the images of {wildcards.subject}"
    shell:
        "cortexlens collect-images {params.options} --out {output:q} > {log:q} 2>&1"


rule collect_responses:
    """
    Read or simulate a subject's responses, and split the images for training and test.

    options: keys of dataset, seed and split of the config, the subject's row
    """
    input:
        sources,
        images="<results>/subjects/{subject}/images.tsv",
    output:
        directory("<results>/subjects/{subject}/responses.zarr"),
    log:
        "<logs>/collect_responses/{subject}.log",
    benchmark:
        "<benchmarks>/collect_responses/{subject}.tsv"
    wildcard_constraints:
        subject=only_for("simulated", "table", "algonauts2023", "nsd"),
    resources:
        mem_mb=needed("collect_responses", "mem_mb"),
        runtime=needed("collect_responses", "runtime"),
        disk_mb=needed("collect_responses", "disk_mb"),
    params:
        code=fingerprint("collect_responses"),
        options=subject_options("collect_responses", without=["images"]),
        files=state_of_responses(STUDY, LOOK),
    message:
        "Collect the responses of {wildcards.subject}"
    shell:
        "cortexlens collect-responses {params.options} --images {input.images:q} --out {output:q}"
        " > {log:q} 2>&1"


rule plant_responses:
    """
    Make responses by FactorTopy, with known selectors, from the features of a network.

    options: repeats and sessions of dataset, seed and split of the config
    """
    input:
        images="<results>/subjects/{subject}/images.tsv",
        features=planted_features,
    output:
        directory("<results>/subjects/{subject}/responses.zarr"),
    log:
        "<logs>/plant_responses/{subject}.log",
    benchmark:
        "<benchmarks>/plant_responses/{subject}.tsv"
    wildcard_constraints:
        subject=only_for("planted"),
    resources:
        mem_mb=needed("plant_responses", "mem_mb"),
        runtime=needed("plant_responses", "runtime"),
        disk_mb=needed("plant_responses", "disk_mb"),
    params:
        code=fingerprint("plant_responses"),
        options=subject_options("plant_responses"),
    message:
        "Plant the responses of {wildcards.subject}"
    shell:
        "cortexlens plant-responses {params.options} --images {input.images:q}"
        " --features {input.features:q} --out {output:q} > {log:q} 2>&1"
