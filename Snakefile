"""From pictures and recordings to maps of networks on the cortex: one study a call.
snakemake --cores all [--configfile config/v4/config.yaml]   without a file: the embedded demo
"""

from snakemake.utils import min_version

min_version("9.14")


if not workflow.overwrite_configfiles:  # one that is given stands alone: it extends no other

    configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


pathvars:
    results=RESULTS,
    main=STUDY.main_readout,
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",


wildcard_constraints:
    subject="[a-z0-9-]+",
    backbone="[a-z0-9-]+",
    readout="[a-z0-9-]+",
    finetune="[a-z0-9-]+",
    condition="[a-z0-9.-]+",
    layer="[A-Za-z0-9_.-]+",
    sae_seed="[0-9]+",


include: "workflow/rules/study.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/encoding.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/trust.smk"
include: "workflow/rules/recovery.smk"
include: "workflow/rules/channels.smk"
include: "workflow/rules/changes.smk"
include: "workflow/rules/finetune.smk"
include: "workflow/rules/saes.smk"
include: "workflow/rules/dictionaries.smk"
include: "workflow/rules/units.smk"
include: "workflow/rules/dictionary_maps.smk"
include: "workflow/rules/atlas.smk"
include: "workflow/rules/zoo.smk"


rule all:
    """Everything that the config's runs ask for."""
    default_target: True
    input:
        rules.tables.input,
        rules.figures.input,
        rules.atlas.input,
        rules.write_methods.output,


rule everything:
    """All, further fits, what fine-tuning changes, and channels; not trust, recovery nor sae."""
    input:
        rules.all.input,
        of_runs("<results>/scores/{readout}/{backbone}/{subject}.zarr", runs=STUDY.further),
        maps_of(STUDY, STUDY.further),
        rules.finetuning.input,
        rules.channels.input,


rule sae:
    """Sparse autoencoders of layers, and what their units have in common with the cortex."""
    input:
        rules.saes.input,
        rules.dictionaries.input,
        rules.units.input,
        rules.dictionary_maps.input,


# What each rule would say of itself in the same words: memory, time, disk, GPUs, the hash of its
# code, its log and its measurement. The last line, for it needs all rules.
complete_rules(workflow, PLANNER)
