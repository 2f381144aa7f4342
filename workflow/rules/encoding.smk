# From a network's features to a subject's responses.


rule fit_encoder:
    """
    Fit FactorTopy: per vertex a layer, a place, a scale and channels.

    options: encoder of the config, a variant's changes to it, and seed
    """
    input:
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        fit=directory("<results>/fits/{readout}/{backbone}/{subject}/fit.zarr"),
        model="<results>/fits/{readout}/{backbone}/{subject}/model.safetensors",
    wildcard_constraints:
        readout=readouts("factortopy"),
    threads: STUDY.config["threads"]["fit_encoder"]
    params:
        options=fit_options("fit_encoder"),
    message:
        "Fit {wildcards.readout}: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens fit-encoder --features {input.features:q} --responses {input.responses:q}"
        " --backbone {wildcards.backbone} --subject {wildcards.subject}"
        " --readout {wildcards.readout} --threads {threads}"
        " {params.options} --out {output.fit:q} --model {output.model:q} > {log:q} 2>&1"


rule fit_stacked:
    """
    Stack ridge regressions of layers, windows and scales: per vertex layers, a place and a size.

    options: stacked of the config, a variant's changes to it, and seed
    """
    input:
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        fit=directory("<results>/fits/{readout}/{backbone}/{subject}/fit.zarr"),
        model="<results>/fits/{readout}/{backbone}/{subject}/model.safetensors",
    wildcard_constraints:
        readout=readouts("stacked"),
    threads: STUDY.config["threads"]["fit_stacked"]
    params:
        options=fit_options("fit_stacked"),
    message:
        "Fit {wildcards.readout}: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens fit-stacked --features {input.features:q} --responses {input.responses:q}"
        " --backbone {wildcards.backbone} --subject {wildcards.subject}"
        " --readout {wildcards.readout} --threads {threads}"
        " {params.options} --out {output.fit:q} --model {output.model:q} > {log:q} 2>&1"


rule fit_ridge:
    """
    Fit the baseline: ridge regression per vertex on principal components of the best layer.

    options: ridge of the config, a variant's changes to it, and seed
    """
    input:
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        directory("<results>/fits/{readout}/{backbone}/{subject}/fit.zarr"),
    wildcard_constraints:
        readout=readouts("ridge"),
    threads: STUDY.config["threads"]["fit_ridge"]
    params:
        options=fit_options("fit_ridge"),
    message:
        "Fit {wildcards.readout}: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens fit-ridge --features {input.features:q} --responses {input.responses:q}"
        " --backbone {wildcards.backbone} --subject {wildcards.subject}"
        " --readout {wildcards.readout} --threads {threads}"
        " {params.options} --out {output:q} > {log:q} 2>&1"


rule fit_banded:
    """
    Fit banded ridge regression: all layers together, a penalty for each of their feature sets.

    options: banded and device of the config, a variant's changes to it, and seed
    """
    input:
        features="<results>/features/{backbone}/{subject}.zarr",
        responses="<results>/subjects/{subject}/responses.zarr",
    output:
        directory("<results>/fits/{readout}/{backbone}/{subject}/fit.zarr"),
    wildcard_constraints:
        readout=readouts("banded"),
    threads: STUDY.config["threads"]["fit_banded"]
    params:
        options=fit_options("fit_banded"),
    message:
        "Fit {wildcards.readout}: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens fit-banded --features {input.features:q} --responses {input.responses:q}"
        " --backbone {wildcards.backbone} --subject {wildcards.subject}"
        " --readout {wildcards.readout} --threads {threads}"
        " {params.options} --out {output:q} > {log:q} 2>&1"
