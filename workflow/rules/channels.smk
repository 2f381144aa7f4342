# Which channels vertices read: clusters, diversity, pictures. Made by `snakemake channels` alone.

from cortexlens.workflow.params import trusting


rule cluster_channels:
    """
    Cluster a subject's vertices by their channel selectors, and see how stable the clusters are.

    options: metric, clusters, first_clusters and splits of channels, and seed
    """
    input:
        fit="<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
        model="<results>/fits/<main>/{backbone}/{subject}/model.safetensors",
        features="<results>/features/{backbone}/{subject}.zarr",
    output:
        directory("<results>/channels/<main>/{backbone}/{subject}.zarr"),
    log:
        "<logs>/cluster_channels/{backbone}/{subject}.log",
    benchmark:
        "<benchmarks>/cluster_channels/{backbone}/{subject}.tsv"
    resources:
        mem_mb=needed("cluster_channels", "mem_mb"),
        runtime=needed("cluster_channels", "runtime"),
        disk_mb=needed("cluster_channels", "disk_mb"),
    params:
        code=fingerprint("cluster_channels"),
        options=options("cluster_channels", SHARED, STUDY.config["channels"]),
    message:
        "Cluster channels: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens cluster-channels --fit {input.fit:q} --model {input.model:q}"
        " --features {input.features:q} --threads {threads} {params.options} --out {output:q}"
        " > {log:q} 2>&1"


rule summarise_channels:
    """
    Tabulate where clusters of channels lie, how stable they are, and how diverse regions are.

    options: interval and permutations of analysis, and seed
    """
    input:
        expand(
            "<results>/channels/<main>/{pair[0]}/{pair[1]}.zarr",
            pair=STUDY.channelled,
        ),
    output:
        clusters=report(
            "<results>/tables/channel_clusters.tsv",
            caption="../report/channel_clusters_table.rst",
            category="Channels",
        ),
        stability=report(
            "<results>/tables/channel_stability.tsv",
            caption="../report/channel_stability.rst",
            category="Channels",
        ),
        diversity=report(
            "<results>/tables/channel_diversity.tsv",
            caption="../report/channel_diversity.rst",
            category="Channels",
        ),
    log:
        "<logs>/summarise_channels.log",
    benchmark:
        "<benchmarks>/summarise_channels.tsv"
    resources:
        mem_mb=needed("summarise_channels", "mem_mb"),
        runtime=needed("summarise_channels", "runtime"),
        disk_mb=needed("summarise_channels", "disk_mb"),
    params:
        code=fingerprint("summarise_channels"),
        folder=subpath(output.clusters, parent=True),
        options=options("summarise_channels", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate channels"
    shell:
        "cortexlens summarise-channels {input:q} {params.options} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule draw_channels:
    """
    Draw clusters of channel selectors on the cortex, and their stability.
    """
    input:
        fit="<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
        channels="<results>/channels/<main>/{backbone}/{subject}.zarr",
    output:
        clusters=report(
            "<results>/figures/{backbone}/{subject}/channel_clusters.png",
            caption="../report/channel_clusters.rst",
            category="Maps",
            subcategory="{backbone}",
            labels={"subject": "{subject}", "map": "channel clusters"},
        ),
        stability=report(
            "<results>/figures/{backbone}/{subject}/channel_stability.png",
            caption="../report/channel_stability.rst",
            category="Channels",
            labels={"backbone": "{backbone}", "subject": "{subject}"},
        ),
        drawings=multiext(
            "<results>/figures/{backbone}/{subject}/channel",
            "_clusters.svg",
            "_stability.svg",
        ),
    log:
        "<logs>/draw_channels/{backbone}/{subject}.log",
    benchmark:
        "<benchmarks>/draw_channels/{backbone}/{subject}.tsv"
    resources:
        mem_mb=needed("draw_channels", "mem_mb"),
        runtime=needed("draw_channels", "runtime"),
        disk_mb=needed("draw_channels", "disk_mb"),
    params:
        code=fingerprint("draw_channels"),
        folder=subpath(output.clusters, parent=True),
    message:
        "Draw channels: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-channels --fit {input.fit:q} --channels {input.channels:q}"
        " --out {params.folder:q} > {log:q} 2>&1"


rule draw_channel_images:
    """
    Paint pictures at the full token grid with three components of each region's channels.

    options: shown of channels, and weights_cache
    """
    input:
        network_files,
        fit="<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
        model="<results>/fits/<main>/{backbone}/{subject}/model.safetensors",
        channels="<results>/channels/<main>/{backbone}/{subject}.zarr",
        images="<results>/subjects/{subject}/images.tsv",
        pictures=pictures,
    output:
        picture=report(
            "<results>/figures/{backbone}/{subject}/channel_images.png",
            caption="../report/channel_images.rst",
            category="Channels",
            labels={"backbone": "{backbone}", "subject": "{subject}"},
        ),
        drawing="<results>/figures/{backbone}/{subject}/channel_images.svg",
    log:
        "<logs>/draw_channel_images/{backbone}/{subject}.log",
    benchmark:
        "<benchmarks>/draw_channel_images/{backbone}/{subject}.tsv"
    resources:
        mem_mb=needed("draw_channel_images", "mem_mb"),
        runtime=needed("draw_channel_images", "runtime"),
        disk_mb=needed("draw_channel_images", "disk_mb"),
    params:
        code=fingerprint("draw_channel_images"),
        folder=subpath(output.picture, parent=True),
        options=trusting(
            STUDY,
            "draw_channel_images",
            {"weights_cache": STUDY.config["weights_cache"]},
            STUDY.config["channels"],
        ),
    message:
        "Paint channel images: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-channel-images --fit {input.fit:q} --channels {input.channels:q}"
        " --model {input.model:q} --images {input.images:q} --threads {threads}"
        " {params.options} --out {params.folder:q} > {log:q} 2>&1"


rule channels:
    """Clusters and diversity of channels, and pictures as regions read them."""
    input:
        rules.summarise_channels.output if STUDY.channelled else [],
        expand(
            "<results>/figures/{pair[0]}/{pair[1]}/channel_{what}.png",
            pair=STUDY.channelled,
            what=["clusters", "images"],
        ),
