"""Work, memory and disk of a fit of the stacked readout.

The cost of its search, stacking and selection depends on the responses. It is estimated here from
the demo (2,329 vertices, 309 windows) and from 33 neurons of macaque V4:

- half of the possible windows are the best for some vertex,
- a third of the stacking weights are above 0, and their regressions are stored in the model file,
- coordinate descent takes :data:`ROUNDS` rounds, from a neighbouring solution :data:`ROUNDS_ANEW`.
"""

import math
from dataclasses import dataclass

from cortexlens.planning.workloads import (
    HALF,
    SINGLE,
    TORCH_BASE,
    FitSettings,
    SubjectSize,
    Workload,
    held_out_values,
    train_images,
)

# Estimated, see above.
ROUNDS, ROUNDS_ANEW, POSITIVE = 400, 20, 1 / 3
# Copies of constants of cortexlens.encoding.stacked, whose modules are slow to import.
SCALES, CELLS = 3, 4
PLANTED_VERTICES = 2_000
SEARCH_LAYERS, SEARCH_COMPONENTS, WINDOWS_AT_ONCE = 4, 256, 32
BASES_BYTES, PRODUCT_VALUES, READ_VALUES, READ_OF_KEPT = 5e8, 2**25, 2**27, 2**25
BLOCK_VALUES = 2**25
# Bytes of tokens kept for windows, and number of images used by the search.
KEPT_BYTES, ENOUGH_IMAGES, ENOUGH_SEEN = 1e9, 3_000, 30_000
# Windows from whose vertices the covariance of channels is learnt, and bytes of their moments.
PRIOR_WINDOWS, FEWEST_PRIOR_WINDOWS, MOMENTS_BYTES = 64, 8, 1e9
LEFT_OUT_BYTES, WEIGHTS_BYTES = 1e9, 1e9
SUMS_BYTES, FEWEST_BLOCKS, USUAL_LAYERS, FOLDS = 1.5e9, 10, 12, 5
DOUBLE = 8
# Factor for memory that the C library holds after repeated freeing and allocating.
FREED = 1.15
# Cost of an eigendecomposition in products, divided by the cube of its size.
EIGEN = 20


@dataclass(frozen=True)
class _Fit:
    """Sizes of a fit that several formulas use.

    Attributes
    ----------
    train, n, planted
        Training images, vertices, and vertices with planted responses.
    widths
        Channels or components of each layer.
    searched
        Channels or components of the layers in which windows are tried.
    looked_at
        Images used by the search.
    learnt
        Windows from whose vertices the covariance of channels is learnt.
    windows, used
        Number of all windows, and of those that are best for a vertex.
    sets, blocks
        Feature sets and image blocks of the stack.
    held
        Bytes of eigenvectors that the search leaves to the fit, and their fraction of all that it
        computes.
    shared, reused
        Whether the search uses the features of the fit, and whether their decompositions are reused
        in the fit.
    chunks
        Groups of vertices whose leave-out predictions are held at once.
    """

    train: float
    n: int
    planted: int
    widths: tuple[int, ...]
    searched: tuple[int, ...]
    looked_at: float
    learnt: float
    windows: int
    used: float
    sets: int
    blocks: int
    held: tuple[float, float]
    shared: bool
    reused: bool
    chunks: int


def stacked(
    subject: SubjectSize, channels: tuple[int, ...], stored_grid: int, settings: FitSettings
) -> Workload:
    """Fit ridge regressions of each layer on windows, and stack them.

    With n training images, N vertices of which P are planted again, L layers of K channels or
    components, S = 3 L sets and T tokens:

    - a window's values in a layer, 2 · n · T · K, and its decomposition, 4 · n · K² + 20 · K³: in
      the search for up to four layers and 256 components, in the fit for all layers and the
      windows that are used, but for those that the search has left; a layer's image-wide sets, of
      4 K and of K features, once; of n < 4 K the second moments of images are decomposed,
    - the covariance of channels, learnt from the vertices of some windows: these windows' second
      moments, 2 · n · K², decomposed anew in each step, 20 · K³,
    - products of every token with a response in the search, 2 · n · K, from which those of each
      window are summed, 2 · T · K, and rotated, 2 · K²; 13 penalties, 2 · K each; all scores are
      averaged over the cortex,
    - left-out predictions of all sets for N + P vertices, 4 · n · K, and weights, 2 · K²,
    - products of these predictions, n · S², in sums over blocks of images,
    - descents over S weights for each bandwidth in five folds, for all images, and for each
      resample, for which the sums of all blocks are added anew.
    """
    fit = _sizes(subject, channels, settings)
    n, train, planted = fit.n, fit.train, fit.planted
    tokens, sets = settings.grid**2, fit.sets
    both = n + planted
    pairs = sets * (sets + 1) / 2
    looked = train * tokens * sum(channels)
    # windows of the search, of the planted signals and of the fit
    again = fit.used + fit.chunks
    searched = {width: fit.windows * fit.searched.count(width) for width in set(fit.searched)}
    fitted: dict[int, float] = {width: again * fit.widths.count(width) for width in set(fit.widths)}
    if fit.reused:
        for width, count in searched.items():
            fitted[width] -= fit.used * fit.held[1] * count / fit.windows
    seen = float(sum(count * width for width, count in searched.items()))
    seen += fit.learnt * sum(fit.widths)
    seen += sum(2 * count * width for width, count in fitted.items()) + (CELLS + 2) * sum(
        fit.widths
    )
    decomposed = sum(
        count * _decomposed(images, width)
        for part, images in ((searched, fit.looked_at), (fitted, train))
        for width, count in part.items()
    ) + sum(_decomposed(train, CELLS * width) + _decomposed(train, width) for width in fit.widths)
    steps = settings.prior_steps + 1
    taught = n * min(1.0, fit.learnt / fit.used)
    decomposed += sum(
        fit.learnt * (2 * train * width**2 + steps * EIGEN * width**3) for width in fit.widths
    )
    learning = sum(taught * (4 * train * width + steps * 8 * width**2) for width in fit.widths)
    scored = n * sum(
        width * (fit.looked_at * tokens + fit.windows * (tokens + width + settings.penalties))
        for width in fit.searched
    )
    # features of the window, the global token and the cells of the image
    features = (CELLS + 2) * sum(fit.widths)
    weights = sum(2 * width**2 + min(CELLS * width, train) * CELLS * width for width in fit.widths)
    many = subject.on_cortex and len(settings.bandwidths) > 1
    bandwidths = FOLDS * len(settings.bandwidths) if many else 0
    rounds = ROUNDS * ((bandwidths + 1) * n + planted) + ROUNDS_ANEW * settings.draws * both
    averaged = fit.blocks * pairs * both * (1 + len(settings.bandwidths))
    work = {
        "start_network": 1,
        "read_byte": subject.n_images * sum(channels) * (stored_grid**2 + 1) * HALF,
        # moments, the search's windows and tokens, planting, each group of vertices where tokens
        # are not kept; then predictions, each window by itself
        "token_value": looked * (3 + fit.chunks * (not _kept(fit, channels, tokens)))
        + 2 * train * tokens * sum(fit.searched)
        + subject.n_images * tokens * sum(channels) * fit.used,
        "window_value": train * seen,
        "decomposed_product": decomposed
        + sum(
            (2 * train * tokens * c * c + EIGEN * c**3) * (k < c)
            for k, c in zip(fit.widths, channels, strict=True)
        ),
        # products of a few windows at a time are slower than large ones
        "ridge_product": 2 * tokens * train * seen + train * sets**2 * both,
        "read_product": 2 * scored
        + learning * (fit.learnt > 0)
        + both * (4 * train * features + 2 * weights),
        "window_score": fit.windows * len(fit.searched) * n,
        "left_out_value": train * sets * both,
        "stack_value": 2 * sets**2 * rounds + settings.draws * fit.blocks * pairs * both + averaged,
        "stack_step": sets * (ROUNDS * (bandwidths + 2) + 2 * ROUNDS_ANEW * settings.draws),
    }
    kept = n * (10 * len(channels) + 40 + settings.draws) + held_out_values(subject, settings)
    model = POSITIVE * n * (CELLS + 2) * sum(channels)
    memory = _memory(fit, subject, channels, settings)
    return Workload(work, memory, SINGLE * (kept + model))


def n_windows(grid: int, sizes: tuple[float, ...], lattice: int) -> int:
    """Number of windows of all sizes on their lattices."""
    every = 0
    for size in sizes:
        if size == 0:
            side = (grid - 1) * lattice + 1
        else:
            side = max(1, math.floor((grid - 1) / max(size, 1 / lattice) + 1e-9) + 1)
        every += side**2
    return every


def n_blocks(n_wanted: int, n_layers: int, n_vertices: int) -> int:
    """Number of blocks of images whose sums fit into memory."""
    n_sets = SCALES * max(n_layers, USUAL_LAYERS)
    one = SINGLE * n_vertices * (n_sets * (n_sets + 1) // 2 + n_sets + 1)
    return min(n_wanted, max(FEWEST_BLOCKS, int(SUMS_BYTES / max(one, 1))))


def _sizes(subject: SubjectSize, channels: tuple[int, ...], settings: FitSettings) -> _Fit:
    train, n, n_layers = train_images(subject, settings), subject.n_vertices, len(channels)
    planted = min(n, PLANTED_VERTICES)
    most = settings.components or max(channels)
    widths = tuple(min(each, most) for each in channels)
    count = min(n_layers, SEARCH_LAYERS)
    # the order of layers decides which are searched; assuming the widest gives an upper bound
    searched = tuple(min(each, SEARCH_COMPONENTS) for each in sorted(channels)[-count:])
    windows = n_windows(settings.grid, tuple(settings.sizes), settings.lattice)
    enough = max(ENOUGH_IMAGES, ENOUGH_SEEN if not subject.on_cortex else 0)
    looked_at = min(train, enough)
    made = sum(SINGLE * min(looked_at, k) * k for k in searched) * windows
    used = max(1.0, min(windows, n) / 2)
    moments = 2 * DOUBLE * sum(width**2 for width in widths)
    learnt = min(used, PRIOR_WINDOWS, max(FEWEST_PRIOR_WINDOWS, MOMENTS_BYTES // moments))
    sets = SCALES * n_layers
    chunk = max(64.0, LEFT_OUT_BYTES / (SINGLE * sets * max(train, 1)))
    return _Fit(
        train,
        n,
        planted,
        widths,
        searched,
        looked_at,
        learnt if settings.prior_steps else 0.0,
        windows,
        used,
        sets,
        n_blocks(settings.blocks, n_layers, n + planted),
        (min(made, BASES_BYTES), min(1.0, BASES_BYTES / max(made, 1))),
        (shared := max(channels) <= min(most, SEARCH_COMPONENTS)),
        shared and looked_at == train and not settings.prior_steps,
        math.ceil((n + planted) / chunk),
    )


def _kept(fit: _Fit, channels: tuple[int, ...], tokens: int) -> bool:
    """Whether tokens are read only once, because they are reduced or few."""
    return fit.widths != channels or SINGLE * fit.train * tokens * sum(fit.widths) <= KEPT_BYTES


def _decomposed(train: float, width: int) -> float:
    """Products of second moments, of their eigenvectors and of the rotation by them."""
    small, large = sorted((train, float(width)))
    return 4 * large * small**2 + EIGEN * small**3


def _memory(
    fit: _Fit, subject: SubjectSize, channels: tuple[int, ...], settings: FitSettings
) -> float:
    """Bytes of features (or the limit on them), responses, and the largest step on top of them."""
    n, both, train, tokens = fit.n, fit.n + fit.planted, fit.train, settings.grid**2 + 1
    features = float(subject.n_images * sum(channels) * tokens * HALF)
    if settings.memory is not None:
        features = min(features, settings.memory * 1e9)
    shown = subject.n_trials if settings.single_trials else subject.n_images
    responses = SINGLE * n * (subject.n_trials + shown + train)
    looked = SINGLE * min(2 * BLOCK_VALUES, 2 * train * tokens * max(channels))
    scores = SINGLE * fit.windows * n * (len(fit.searched) + 3)
    # all windows of a layer
    bases = max(SINGLE * min(fit.looked_at, k) * k for k in fit.searched) * fit.windows
    values = READ_OF_KEPT if _kept(fit, channels, tokens - 1) else READ_VALUES
    through = _through(fit.windows, train, max(fit.searched), tokens, channels, values)
    summed = 1 + 2 * WINDOWS_AT_ONCE / (tokens - 1)
    products = SINGLE * summed * min(PRODUCT_VALUES, n * (tokens - 1) * max(fit.searched))
    # many reduced tokens are stored in a file
    standard = min(KEPT_BYTES, SINGLE * train * tokens * sum(fit.widths))
    apart = 0.0 if fit.shared else min(KEPT_BYTES, SINGLE * train * tokens * sum(fit.searched))
    read = SINGLE * min(READ_VALUES, train * (tokens - 1) * max(fit.searched))
    search = (
        standard + apart + fit.held[0] + bases + scores + looked + max(through, read + products)
    )
    sums = SINGLE * fit.blocks * both * (fit.sets * (fit.sets + 1) / 2 + fit.sets + 1)
    weights = min(WEIGHTS_BYTES, SINGLE * n * (CELLS + 2) * sum(channels))
    left_out = min(LEFT_OUT_BYTES, SINGLE * fit.sets * both * train)
    shared = sum(SINGLE * min(train, k) * (train + k) for w in fit.widths for k in (w, CELLS * w))
    shared = min(shared, WEIGHTS_BYTES)  # the rest is stored in a file
    widest = CELLS * max(fit.widths)
    one = 3 * DOUBLE * (train * widest + min(train, widest) ** 2)
    fitting = (
        SINGLE * fit.planted * train
        + standard
        + fit.held[0] * fit.reused
        + left_out * 1.2
        + shared
        + one
        + looked
        + _through(fit.used, train, max(fit.widths), tokens, channels, values)
    )
    learning = standard + 2 * DOUBLE * fit.learnt * sum(width**2 for width in fit.widths) + looked
    stacking = 4 * SINGLE * both * fit.sets**2 + SINGLE * both * settings.draws
    largest = FREED * max(search, learning, sums + weights + fitting, sums + weights + stacking)
    predicted = SINGLE * n * subject.n_images
    return TORCH_BASE + features + responses + max(largest, predicted + weights)


def _through(
    windows: float,
    train: float,
    width: int,
    tokens: int,
    channels: tuple[int, ...],
    values: float,
) -> float:
    """Bytes of a layer seen through several windows, plus three times the images read at once."""
    at_once = min(train, BLOCK_VALUES / (tokens * max(channels)))
    seen, read = (min(values, windows * images * width) for images in (train, at_once))
    return SINGLE * (seen + 3 * read)
