# The page that turns the cortex, which a double click opens.

from cortexlens.workflow.collected import TARGETS, tell_jobs

ATLAS = AtlasInputs(STUDY, Path(RESULTS), checkpoints, workflow)

# A job on a cluster is a call of its own: it has to know what the first one was asked for.
tell_jobs(workflow)


envvars:
    TARGETS,


onstart:
    tell_jobs(workflow)


rule build_atlas:
    """
    Pack maps, tables and small pictures into a page, as a folder and as a single file.

    beside: results of other targets that are there; state: their hashes
    """
    input:
        ATLAS.needed,
    output:
        folder=directory("<results>/atlas"),
        single="<results>/atlas.html",
    params:
        beside=ATLAS.beside,
        state=ATLAS.state,
        options=options("build_atlas", {"study": STUDY.name, "derived": origins(STUDY)}),
    message:
        "Build the atlas"
    shell:
        "cortexlens build-atlas {input:q} {params.beside:q} {params.options}"
        " --out {output.folder:q} --single {output.single:q} > {log:q} 2>&1"


rule atlas:
    """The page of the runs, and of what other targets have made."""
    input:
        rules.build_atlas.output,
