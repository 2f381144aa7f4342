# Pictures of the fits, and the methods, as they stand in report.html.

from cortexlens.workflow.methods_inputs import MethodsInputs

METHODS = MethodsInputs(STUDY, Path(RESULTS), checkpoints, workflow)


rule draw_maps:
    """
    Draw one fit: layer, place, scale, score and size of each vertex, and its weight of each layer.
    """
    input:
        "<results>/fits/<main>/{backbone}/{subject}/fit.zarr",
    output:
        layer=map_in_report("<results>/figures/{backbone}/{subject}/layer.png", "layer"),
        space=map_in_report("<results>/figures/{backbone}/{subject}/space.png", "space"),
        scale=map_in_report("<results>/figures/{backbone}/{subject}/scale.png", "scale"),
        r2=map_in_report("<results>/figures/{backbone}/{subject}/r2.png", "R²"),
        layer_weights=map_in_report(
            "<results>/figures/{backbone}/{subject}/layer_weights.png", "layer weights"
        ),
        # of readouts that find sizes
        size=map_in_report(
            expand(
                "<results>/figures/{{backbone}}/{{subject}}/{map}.png",
                map={"size"} & set(maps_of_fit(STUDY)),
            ),
            "receptive-field size",
            caption="size",
        ),
        drawings=expand(
            "<results>/figures/{{backbone}}/{{subject}}/{map}.svg", map=maps_of_fit(STUDY)
        ),
    message:
        "Draw maps: {wildcards.backbone}, {wildcards.subject}"
    shell:
        "cortexlens draw-maps --fit {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule draw_overview:
    """Draw the maps of all networks and subjects on sheets: layer, space and scale."""
    input:
        fits=of_runs(FIT, runs=STUDY.mapped),
        scores=rules.summarise_scores.output,
    output:
        layer=in_report("<results>/figures/overview.png", "Overview", labels={"map": "layer"}),
        space=in_report(
            "<results>/figures/overview_space.png",
            "Overview",
            caption="overview",
            labels={"map": "space"},
        ),
        scale=in_report(
            "<results>/figures/overview_scale.png",
            "Overview",
            caption="overview",
            labels={"map": "scale"},
        ),
        drawings=multiext("<results>/figures/overview", ".svg", "_space.svg", "_scale.svg"),
    message:
        "Draw the overview"
    shell:
        "cortexlens draw-overview {input.fits:q} --scores {input.scores:q} --out {params.folder:q}"
        " > {log:q} 2>&1"


rule draw_average:
    """Draw the mean of a network's maps over the subjects who share a cortex."""
    input:
        mapped_fits_of(STUDY),
    output:
        report(
            directory("<results>/figures/{backbone}/average"),
            patterns=["{map}.png"],
            caption="../report/average.rst",
            category="Maps",
            subcategory="{backbone}",
            labels={"subject": "average", "map": "{map}"},
        ),
    message:
        "Draw averages: {wildcards.backbone}"
    shell:
        "cortexlens draw-average {input:q} --out {output:q} > {log:q} 2>&1"


rule draw_hierarchy:
    """Draw the expected level of each region for every fit, with its line."""
    input:
        of_runs(FIT, runs=STUDY.mapped),
    output:
        picture=in_report(
            "<results>/figures/hierarchy.png", "Hierarchy", caption="hierarchy_picture"
        ),
        drawing="<results>/figures/hierarchy.svg",
    params:
        options=options("draw_hierarchy", SHARED, STUDY.config["analysis"]),
    message:
        "Draw the hierarchy"
    shell:
        "cortexlens draw-hierarchy {input:q} {params.options} --out {params.folder:q} > {log:q} 2>&1"


rule draw_max_model:
    """Draw the best network at every vertex, and what each network lacks."""
    input:
        of_runs(FIT, runs=STUDY.mapped),
    output:
        picture=in_report("<results>/figures/max_model.png", "Overview"),
        drawing="<results>/figures/max_model.svg",
    message:
        "Draw the max model"
    shell:
        "cortexlens draw-max-model {input:q} --out {params.folder:q} > {log:q} 2>&1"


rule figures:
    """All pictures."""
    input:
        maps_of(STUDY, STUDY.runs),
        expand("<results>/figures/{backbone}/average", backbone=shared_networks(STUDY)),
        rules.draw_overview.output if rules.draw_overview.input.fits else [],
        rules.draw_hierarchy.output if rules.draw_hierarchy.input else [],
        rules.draw_max_model.output if rules.draw_max_model.input else [],
        rules.compare_paper.output.figure if rules.draw_max_model.input else [],
        rules.summarise_sizes.output.picture if sized_networks(STUDY) else [],


rule write_methods:
    """
    Write the methods of the study from what its results record, with citations.

    beside: records of other targets that are there; state: their hashes
    """
    input:
        METHODS.needed,
    output:
        text=in_report("<results>/methods.md", "Methods", labels={"file": "text (Markdown)"}),
        bibliography=in_report(
            "<results>/methods.bib", "Methods", labels={"file": "works cited (BibTeX)"}
        ),
        page=in_report("<results>/methods.html", "Methods", labels={"file": "page"}),
    params:
        beside=METHODS.beside,
        state=METHODS.state,
        study=STUDY.name,
    message:
        "Write the methods"
    shell:
        "cortexlens write-methods {input:q} {params.beside:q} --study {params.study:q}"
        " --out {output.text:q} --bibliography {output.bibliography:q} --page {output.page:q}"
        " > {log:q} 2>&1"
