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
    params:
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
        expand("<results>/channels/<main>/{pair[0]}/{pair[1]}.zarr", pair=STUDY.channelled),
    output:
        clusters=in_report(
            "<results>/tables/channel_clusters.tsv", "Channels", caption="channel_clusters_table"
        ),
        stability=in_report("<results>/tables/channel_stability.tsv", "Channels"),
        diversity=in_report("<results>/tables/channel_diversity.tsv", "Channels"),
    params:
        options=options("summarise_channels", SHARED, STUDY.config["analysis"]),
    message:
        "Tabulate channels"
    shell:
        "cortexlens summarise-channels {input:q} {params.options} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule draw_channels:
    """Draw clusters of channel selectors on the cortex, and their stability."""
    input:
        fit="<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
        channels="<results>/channels/<main>/{backbone}/{subject}.zarr",
    output:
        clusters=map_in_report(
            "<results>/figures/{backbone}/{subject}/channel_clusters.png", "channel clusters"
        ),
        stability=in_report(
            "<results>/figures/{backbone}/{subject}/channel_stability.png", "Channels"
        ),
        drawings=multiext(
            "<results>/figures/{backbone}/{subject}/channel",
            "_clusters.svg",
            "_stability.svg",
        ),
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
        picture=in_report("<results>/figures/{backbone}/{subject}/channel_images.png", "Channels"),
        drawing="<results>/figures/{backbone}/{subject}/channel_images.svg",
    params:
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
