# What units of autoencoders prefer, and the regions that they resemble. Made by `snakemake sae`.


rule units:
    """Selectivity of units beside that of regions, and pages of units."""
    input:
        [],
