"""Fit a ridge regression to every set for every vertex, and sum their left-out predictions."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.stacked.model import FoldedSet, StackedModel
from cortexlens.encoding.stacked.reader import Reader
from cortexlens.encoding.stacked.ridge import (
    PENALTIES,
    Decomposition,
    Spectrum,
    cross_products,
    decompose,
    generalised_scores,
    leave_one_out,
    rotate,
)
from cortexlens.encoding.stacked.samples import HELD_VALUES, SideBySide
from cortexlens.encoding.stacked.scratch import Scratch
from cortexlens.encoding.stacked.stacking import Sums, block_sums, empty_sums
from cortexlens.progress import track

SCALES = ("window", "image", "global")
# Size of the left-out predictions held in memory at once, in bytes.
HELD_BYTES = 1e9


class Ridges:
    """Collects the weights of the ridge regressions of every set.

    Parameters
    ----------
    reader
        Features of every set.
    n_vertices
        Number of recorded vertices.
    folder
        Folder for weights that exceed memory; None: the system's temporary folder.
    """

    def __init__(self, reader: Reader, n_vertices: int, folder: Path | None) -> None:
        self.reader, self.n_vertices = reader, n_vertices
        n_sets = len(reader.data.layers) * len(SCALES)
        self.penalty = torch.full((n_sets, n_vertices), torch.nan)
        # Weights of each set, in order; None for sets whose features do not vary.
        self.parts: list[Tensor | None] = [None] * n_sets
        # Size with weights of all channels: of each cell, of the window and of the global token.
        widths = sum(layer.shape[2] for layer in reader.data.layers)
        n_bytes = 4.0 * n_vertices * widths * (len(reader.coarse) + 2)
        self.scratch = Scratch(n_bytes, folder, reader.device)

    def add(
        self,
        number: int,
        rows: Int[Tensor, " vertex"],
        weights: Float[Tensor, "channel vertex"],
        penalty: Int[Tensor, " vertex"],
    ) -> None:
        """Store the weights of some vertices; planted vertices are ignored.

        Parameters
        ----------
        number
            Index of the set.
        rows
            Indices of the vertices; those from ``n_vertices`` on are planted.
        weights
            Ridge weights of these vertices.
        penalty
            Index of each vertex's penalty.
        """
        real = rows < self.n_vertices
        if bool(real.any()):
            part = self.parts[number]
            if part is None:
                part = self.scratch.zeros(self.n_vertices, len(weights))
                self.parts[number] = part
            part[rows[real].to(part.device)] = weights[:, real].T.to(part.device)
            chosen = torch.from_numpy(PENALTIES)[penalty[real].cpu()]
            self.penalty[number, rows[real].cpu()] = chosen.float()

    def model(
        self,
        stack: Float[Tensor, "set vertex"],
        window: Int[np.ndarray, " vertex"],
        offset: Float[Tensor, " vertex"],
    ) -> StackedModel:
        """Multiply the ridge weights by the stack weights to make a model.

        This frees the ridge weights, so that it can be called only once.

        Parameters
        ----------
        stack
            Stack weight of each set.
        window
            Index of each vertex's window.
        offset
            Mean response of each vertex over trials.
        """
        reader, sets = self.reader, []
        for number in range(len(self.parts)):
            layer, scale = divmod(number, len(SCALES))
            used = torch.nonzero(stack[number] > 0)[:, 0]
            own = self._folded(number, used, stack[number, used])
            sets.append(FoldedSet(layer, SCALES[scale], used.cpu(), own))
        model = StackedModel(
            [layer.shape[2] for layer in reader.data.layers],
            reader.windows.weight.cpu(),
            reader.coarse.cpu(),
            torch.from_numpy(window),
            [
                ((local[0].cpu(), local[1].cpu()), (pooled[0].cpu(), pooled[1].cpu()))
                for local, pooled in reader.moments
            ],
            sets,
            torch.zeros_like(offset).cpu(),
        )
        # The model is linear, so that it has to predict the mean response from the mean tokens.
        model.bias = offset.cpu() - model(reader.mean_tokens())[0]
        return model

    def _folded(
        self, number: int, used: Int[Tensor, " used"], share: Float[Tensor, " used"]
    ) -> Float[Tensor, "used channel"]:
        """Multiply the weights of a set by stack weights and expand them to all channels."""
        part, self.parts[number] = self.parts[number], None
        if part is None:
            return torch.zeros((len(used), 0))
        layer, scale = divmod(number, len(SCALES))
        basis = self.reader.bases[layer][SCALES[scale] == "global"]
        ratio = 1.0 if basis is None else len(basis) / basis.shape[1]
        folded = self.scratch.zeros(len(used), round(part.shape[1] * ratio))
        size = max(1, HELD_VALUES // folded.shape[1])
        for start in range(0, len(used), size):
            some = slice(start, start + size)
            weights = part[used[some].to(part.device)].to(share.device) * share[some, None]
            if basis is not None:
                weights = (weights.unflatten(1, (-1, basis.shape[1])) @ basis.T).flatten(1)
            folded[some] = weights
        return folded.cpu()


def left_out_sums(
    reader: Reader,
    response: SideBySide,
    window: Int[np.ndarray, " vertex"],
    n_vertices: int,
    made: Mapping[tuple[int, int], Spectrum | None],
    scratch: Path | None,
) -> tuple[Sums, Sums, Ridges]:
    """Fit the ridge regression of every set for every vertex, and sum their left-out predictions.

    Vertices are processed in the order of their windows, in groups whose left-out predictions fit
    into memory; layers are read again for each group.

    Parameters
    ----------
    reader
        Features of every set.
    response
        Responses of recorded vertices, then of planted vertices.
    window
        Index of the window of each column of ``response``.
    n_vertices
        Number of recorded vertices.
    made
        Existing decompositions by (layer, window), which are reused.
    scratch
        Folder for weights that exceed memory.

    Returns
    -------
    recorded
        Sums of the recorded vertices.
    planted
        Sums of the planted vertices.
    ridges
        Ridge regressions of the recorded vertices.
    """
    samples, device = reader.samples, reader.device
    n_layers, n_images = len(reader.data.layers), len(samples.images)
    n_sets, leverage = n_layers * len(SCALES), samples.leverage_1
    n_blocks = int(samples.block.max()) + 1
    recorded = empty_sums(n_blocks, n_sets, n_vertices, device)
    planted = empty_sums(n_blocks, n_sets, len(window) - n_vertices, device)
    ridges = Ridges(reader, n_vertices, scratch)
    shared = _Shared(reader, scratch)
    order = np.argsort(window, kind="stable")
    size = max(64, int(HELD_BYTES / (4 * n_sets * n_images)))
    chunks = [order[start : start + size] for start in range(0, len(order), size)]
    for chunk in track(chunks, "groups of vertices fitted"):
        rows = torch.from_numpy(chunk).to(device)
        seen, power = response.columns(rows), response.total[rows]
        left_out = torch.zeros((n_sets, len(chunk), n_images), device=device)
        wanted, starts = np.unique(window[chunk], return_index=True)
        ends = np.append(starts[1:], len(chunk))
        span = {w: slice(a, b) for w, a, b in zip(wanted.tolist(), starts, ends, strict=True)}
        for layer in range(n_layers):
            first = layer * len(SCALES)
            for number, features in reader.through(layer, wanted):
                known = made.get((layer, number))
                part = rotate(known, features, leverage) if known else decompose(features, leverage)
                own = span[number]
                fitted = _ridge(part, seen[:, own], power[own])
                if fitted is not None:
                    left_out[first, own], weights, penalty = fitted
                    ridges.add(first, rows[own], weights, penalty)
            for scale in (1, 2):
                fitted = _ridge(shared.part(layer, scale), seen, power)
                if fitted is not None:
                    left_out[first + scale], weights, penalty = fitted
                    ridges.add(first + scale, rows, weights, penalty)
        for sums, first in ((recorded, 0), (planted, n_vertices)):
            at = torch.nonzero((rows >= first) & (rows < first + sums.total.shape[1]))[:, 0]
            of_them = seen[:, at], samples.root, samples.block
            block_sums(left_out, *of_them, sums, rows[at] - first, at)
        del left_out, seen  # frees memory before the next group is allocated
    return recorded, planted, ridges


class _Shared:
    """Decompositions of coarse image and global tokens, which all vertices share."""

    def __init__(self, reader: Reader, folder: Path | None) -> None:
        self.reader, self.parts = reader, dict[tuple[int, int], Decomposition | None]()
        n_images, n_bytes = len(reader.samples.images), 0.0
        for layer in reader.data.layers:
            for width in (layer.shape[2], layer.shape[2] * len(reader.coarse)):
                n_bytes += 4.0 * min(width, n_images) * (width + n_images)
        self.scratch = Scratch(n_bytes, folder, reader.device)

    def part(self, layer: int, scale: int) -> Decomposition | None:
        """Return the decomposition of a layer's set, made once: 1 is ``image``, 2 ``global``."""
        if (layer, scale) not in self.parts:
            features = self.reader.image(layer) if scale == 1 else self.reader.pooled(layer)
            part = decompose(features, self.reader.samples.leverage_1)
            if part is not None:
                rotated, basis = map(self.scratch.moved, (part.rotated, part.basis))
                part = replace(part, rotated=rotated, basis=basis)
            self.parts[layer, scale] = part
        return self.parts[layer, scale]


def _ridge(
    part: Decomposition | None,
    response: Float[Tensor, "image vertex"],
    total: Float[Tensor, " vertex"],
) -> tuple[Tensor, Tensor, Tensor] | None:
    """Compute left-out predictions, weights and penalties, by generalised cross-validation."""
    if part is None:
        return None
    products = cross_products(part, response)
    penalty = generalised_scores(part, products, total).argmax(dim=0)
    left_out, weights = leave_one_out(part, products, response, penalty)
    return left_out, weights, penalty
