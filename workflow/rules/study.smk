# Pictures, and responses to them.


rule draw_scenes:
    """
    Draw the scenes of a simulated study: PNG files and scenes.tsv with the truth about each.

    options: n_scenes, size (px) and seed of the config
    """
    output:
        directory("<results>/scenes"),
    # all else waits for the scenes; networks are described beside them
    priority: 110
    params:
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
    params:
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
    wildcard_constraints:
        subject=only_for("simulated", "table", "algonauts2023", "nsd"),
    params:
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
    wildcard_constraints:
        subject=only_for("planted"),
    params:
        options=subject_options("plant_responses"),
    message:
        "Plant the responses of {wildcards.subject}"
    shell:
        "cortexlens plant-responses {params.options} --images {input.images:q}"
        " --features {input.features:q} --out {output:q} > {log:q} 2>&1"
