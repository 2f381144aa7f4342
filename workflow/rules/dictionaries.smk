# Units of autoencoders are compared with vertices. Made by `snakemake sae`.


rule dictionaries:
    """Which unit each vertex resembles most, on images that did not choose it."""
    input:
        [],
