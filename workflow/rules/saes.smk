# Sparse autoencoders learn the layers of networks. Made by `snakemake sae`.


rule saes:
    """Sparse autoencoders, and what they are worth."""
    input:
        [],
