"""The vocabulary of axis names in jaxtyping annotations.

One word an axis, everywhere: ``image`` (pictures), ``trial`` (presentations of a picture),
``vertex`` (a recorded place: vertex, voxel or neuron), ``layer``, ``token``, ``channel``,
``subject``, ``unit`` (of a sparse autoencoder), ``axis`` (x, y or x, y, z), ``roi``,
``batch`` (a subset of images), ``height`` and ``width``.
"""

# What the layer axis of features and fits can be: layers, or the time steps of a diffusion network.
LAYER, TIME_STEP = "layer", "time step"
# Order of the three parts of the split in every store: the code is the index.
SPLIT_NAMES = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(3)
# What pictures that autoencoders learn on besides those of subjects lie under, as a subject's do.
FURTHER_PICTURES = "further-pictures"
