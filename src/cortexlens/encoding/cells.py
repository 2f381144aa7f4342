"""Equation (1) for many vertices: one dense matrix product per grid cell, forward and backward.

In each layer a vertex reads the four tokens around its receptive-field centre and the global token:
K = 5·L of the L·(P+1) aligned tokens, through the outer product of its weights of these tokens with
its channel selector. Vertices whose centres lie in the same grid cell read the same tokens, so each
cell takes one product (vertices of the cell) × (K·D) × images. The outer products do not depend on
images; both passes compute them block by block, in blocks that fit into a processor's cache. No
array of size vertex × image × channel is ever written.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor


class TileSize(NamedTuple):
    """Amount of work per matrix product.

    Attributes
    ----------
    vertices
        Largest number of vertices of a cell in one product.
    numbers
        Largest size of the outer products of several cells together, in numbers; a single cell may
        exceed it.
    """

    vertices: int
    numbers: int


# On a CPU, one cell after the other, with few enough vertices that their outer products are still
# in the cache when they are multiplied with the tokens.
CPU_PORTION = TileSize(128, 1)
# On a GPU, few large products are fastest.
GPU_PORTION = TileSize(2**31, 2**27)


def tile_size_for(device: torch.device) -> TileSize:
    """Return the tile size that is fastest on a device."""
    return CPU_PORTION if device.type == "cpu" else GPU_PORTION


class GridCells(NamedTuple):
    """A group of grid cells and the vertices in them.

    Attributes
    ----------
    tokens
        Indices of the tokens that each cell reads: four corners and the global token.
    members
        Indices of the vertices in each cell. Cells with fewer vertices than the others are padded
        with the number of vertices, i.e. the index after the last.
    """

    tokens: Int[Tensor, "cell 5"]
    members: Int[Tensor, "cell vertex"]


class TiledReadout(torch.autograd.Function):
    """Differentiable sum over tokens and channels for every vertex and image; see the module.

    ``apply(aligned, taken, weight, cell, portion)`` returns responses (vertex, image). Its
    arguments are the aligned tokens (image, layer, token, channel), in the number format of the
    products; each vertex's weights of the tokens that it reads (vertex, layer, 5); its channel
    selector (vertex, channel); the index of its grid cell, from
    :func:`cortexlens.encoding.reading.corners_of`; and the tile size.
    """

    @staticmethod
    def forward(
        ctx: Any, aligned: Tensor, taken: Tensor, weight: Tensor, cell: Tensor, portion: TileSize
    ) -> Tensor:
        """Compute the sum for every vertex and image."""
        ctx.save_for_backward(aligned, taken, weight, cell)
        ctx.portion = portion
        outer = _Outer(taken, weight, aligned.dtype)
        result = weight.new_empty(len(weight) + 1, len(aligned))
        for cells in _cells(cell, aligned, portion):
            tokens = _gather(aligned, cells.tokens)
            for members in cells.members.split(portion.vertices, dim=1):
                result[members] = (outer(members) @ tokens.mT).to(result.dtype)
        return result[:-1]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        """Compute the gradients of the aligned tokens, token weights and channel selectors."""
        aligned, taken, weight, cell = ctx.saved_tensors
        outer = _Outer(taken, weight, aligned.dtype)
        upstream = _ended(gradients[0].contiguous().to(aligned.dtype))
        d_aligned = torch.zeros_like(aligned, dtype=weight.dtype)
        d_taken, d_weight = _ended(torch.empty_like(taken)), _ended(torch.empty_like(weight))
        for cells in _cells(cell, aligned, ctx.portion):
            tokens = _gather(aligned, cells.tokens)
            d_tokens = torch.zeros_like(tokens, dtype=weight.dtype)
            for members in cells.members.split(ctx.portion.vertices, dim=1):
                out = upstream[members]
                _add_product(d_tokens, out.mT, outer(members))
                d_taken[members], d_weight[members] = outer.gradients(members, out, tokens)
            _scatter(d_aligned, cells.tokens, d_tokens)
        return d_aligned.to(aligned.dtype), d_taken[:-1], d_weight[:-1], None, None


class _Outer:
    """Outer products of token weights and channel selectors, computed in reused memory.

    Parameters
    ----------
    taken, weight
        Token weights and channel selectors of all vertices.
    dtype
        Number format of the large products.
    """

    def __init__(
        self,
        taken: Float[Tensor, "vertex layer 5"],
        weight: Float[Tensor, "vertex channel"],
        dtype: torch.dtype,
    ) -> None:
        # An additional vertex with zero weights pads cells.
        self.taken, self.weight, self.dtype = _ended(taken.flatten(1)), _ended(weight), dtype
        self.shape = taken.shape[1:]
        self._memory = weight.new_empty(0, dtype=dtype)

    def _buffer(self, members: Tensor) -> Tensor:
        """Return reused memory of shape (member, token read, channel)."""
        shape = (members.numel(), self.taken.shape[1], self.weight.shape[1])
        if self._memory.numel() < shape[0] * shape[1] * shape[2]:
            self._memory = self._memory.new_empty(shape)
        return self._memory.flatten()[: shape[0] * shape[1] * shape[2]].view(shape)

    def __call__(self, members: Int[Tensor, "cell vertex"]) -> Float[Tensor, "cell vertex read"]:
        """Compute the outer products of some vertices; valid until the next call."""
        rows, buffer = members.flatten(), self._buffer(members)
        torch.mul(self.taken[rows][:, :, None], self.weight[rows][:, None, :], out=buffer)
        return buffer.view(*members.shape, -1)

    def gradients(
        self,
        members: Int[Tensor, "cell vertex"],
        out: Float[Tensor, "cell vertex image"],
        tokens: Float[Tensor, "cell image read"],
    ) -> tuple[Float[Tensor, "cell vertex layer 5"], Float[Tensor, "cell vertex channel"]]:
        """Compute the gradients of token weights and channel selectors; overwrites the buffer."""
        rows, buffer = members.flatten(), self._buffer(members)
        torch.bmm(out, tokens, out=buffer.view(*members.shape, -1))
        taken, weight = (part[rows].to(self.dtype) for part in (self.taken, self.weight))
        d_taken = torch.bmm(buffer, weight[:, :, None]).to(self.taken.dtype)
        d_weight = torch.bmm(taken[:, None, :], buffer).to(self.weight.dtype)
        return d_taken.view(*members.shape, *self.shape), d_weight.view(*members.shape, -1)


def _ended(rows: Float[Tensor, "vertex *rest"]) -> Float[Tensor, "ended *rest"]:
    """Append a row of zeros."""
    return torch.cat([rows, rows.new_zeros(1, *rows.shape[1:])])


def _cells(
    cell: Int[Tensor, " vertex"],
    aligned: Float[Tensor, "image layer token channel"],
    portion: TileSize,
) -> Iterator[GridCells]:
    """Yield occupied cells in groups of similar numbers of vertices, the fullest cells first."""
    _, n_layers, n_tokens, n_channels = aligned.shape
    order = torch.argsort(cell, stable=True)
    occupied, counts = torch.unique_consecutive(cell[order], return_counts=True)
    sizes = counts.tolist()
    parts, table = order.split(sizes), tokens_read(round((n_tokens - 1) ** 0.5), cell.device)
    left = sorted(range(len(parts)), key=lambda number: -sizes[number])
    while left:
        numbers_a_cell = sizes[left[0]] * n_layers * 5 * n_channels
        n_cells = max(1, portion.numbers // numbers_a_cell)
        group, left = left[:n_cells], left[n_cells:]
        members = torch.nn.utils.rnn.pad_sequence(
            [parts[number] for number in group], batch_first=True, padding_value=len(cell)
        )
        yield GridCells(table[occupied[torch.tensor(group, device=cell.device)]], members)


def tokens_read(height: int, device: torch.device) -> Int[Tensor, "cell 5"]:
    """Return the indices of the tokens that each grid cell reads: four corners and the global one.

    Parameters
    ----------
    height
        Number of tokens along each side of the grid.
    device
        Device on which the indices are used.

    Returns
    -------
    Tensor
        Token indices for every cell of the grid, which is extended by a ring of cells around it. A
        corner outside the grid is replaced by the nearest token, whose weight is then zero.
    """
    side = height + 2
    index = (torch.arange(side + 1, device=device) - 1).clamp(0, height - 1)
    corners = [
        (index[down : down + side, None] * height + index[right : right + side]).flatten()
        for down in (0, 1)
        for right in (0, 1)
    ]
    return torch.stack([*corners, torch.full_like(corners[0], height * height)], dim=1)


def _gather(
    aligned: Float[Tensor, "image layer token channel"], tokens: Int[Tensor, "cell 5"]
) -> Float[Tensor, "cell image read"]:
    """Gather the tokens of every image that some cells read."""
    read = aligned[:, :, tokens]
    return read.permute(2, 0, 1, 3, 4).flatten(2)


def _scatter(
    total: Float[Tensor, "image layer token channel"],
    tokens: Int[Tensor, "cell 5"],
    parts: Float[Tensor, "cell image read"],
) -> None:
    """Add gradients to the tokens that some cells read.

    Corners are added one after the other. All cells have different upper left corners, and so on,
    so that no two numbers are added to the same element in an undefined order, and results are
    reproducible. (Corners on the ring coincide, but the numbers added there are zero.)
    """
    n_layers, n_channels = total.shape[1], total.shape[3]
    read = parts.unflatten(2, (n_layers, 5, n_channels)).permute(1, 2, 0, 3, 4)
    for corner in range(4):
        total.index_add_(2, tokens[:, corner], read[:, :, :, corner])
    total[:, :, -1] += read[:, :, :, 4].sum(dim=2)


def _add_product(
    total: Float[Tensor, "cell image read"],
    left: Float[Tensor, "cell image vertex"],
    right: Float[Tensor, "cell vertex read"],
) -> None:
    """Add a matrix product to sums of the same or a wider number format."""
    if total.dtype == right.dtype:
        total.baddbmm_(left, right)
    else:
        total += left @ right
