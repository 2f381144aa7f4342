# How the study was made, in words.

from cortexlens.targets import records_beside, state_of


rule write_methods:
    """
    Write the methods of the study from what its results record, with citations.

    beside, state: finished results of other targets, and what they hold now. They are described
    where they are there, and never made for it.
    """
    input:
        responses=of_runs("<results>/subjects/{subject}/responses.zarr"),
        networks=of_runs("<results>/backbones/{backbone}.json"),
        features=of_runs("<results>/features/{backbone}/{subject}.zarr"),
        fits=of_runs("<results>/fits/{readout}/{backbone}/{subject}/fit.zarr"),
        scores=of_runs("<results>/scores/{readout}/{backbone}/{subject}.zarr"),
    output:
        text=report(
            "<results>/methods.md",
            caption="../report/methods.rst",
            category="Methods",
            labels={"file": "text (Markdown)"},
        ),
        bibliography=report(
            "<results>/methods.bib",
            caption="../report/methods.rst",
            category="Methods",
            labels={"file": "works cited (BibTeX)"},
        ),
        page=report(
            "<results>/methods.html",
            caption="../report/methods.rst",
            category="Methods",
            labels={"file": "page"},
        ),
    log:
        "<logs>/write_methods.log",
    benchmark:
        "<benchmarks>/write_methods.tsv"
    resources:
        mem_mb=needed("write_methods", "mem_mb"),
        runtime=needed("write_methods", "runtime"),
        disk_mb=needed("write_methods", "disk_mb"),
    params:
        code=fingerprint("write_methods"),
        beside=records_beside(STUDY, Path(RESULTS)),
        state=state_of(records_beside(STUDY, Path(RESULTS))),
        study=STUDY.name,
    message:
        "Write the methods"
    shell:
        "cortexlens write-methods {input:q} {params.beside:q} --study {params.study:q}"
        " --out {output.text:q} --bibliography {output.bibliography:q} --page {output.page:q}"
        " > {log:q} 2>&1"
