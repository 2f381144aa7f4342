# Maps of layers by the units that vertices resemble. Made by `snakemake sae`.


rule dictionary_maps:
    """Layer maps, hierarchy and film strips of dictionaries."""
    input:
        [],
