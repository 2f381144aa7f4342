"""Equation (1) for many vertices: one dense product a cell of the grid, forward and backward.

A vertex reads, in each layer, the four tokens around its place and the global one: K = 5·L of
the L·(P+1) aligned tokens, through the outer product of its shares of these tokens with its
channel selector. Vertices whose place lies in the same cell read the same tokens, so a cell is
one product (vertices of the cell) × (K·D) × images. Outer products depend on no image; they are
made block by block, small enough for a processor's cache, in both passes. Nothing of size
vertex × image × channel is ever written.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor


class TileSize(NamedTuple):
    """How much is worked on at once.

    Attributes
    ----------
    vertices
        Of a cell, at most.
    numbers
        In the outer products of several cells together; one cell may hold more.
    """

    vertices: int
    numbers: int


# One cell after the other, and few enough vertices for their outer products to stay in the
# processor's cache until the product with the tokens.
CPU_PORTION = TileSize(128, 1)
# Few, large products.
GPU_PORTION = TileSize(2**31, 2**27)


def tile_size_for(device: torch.device) -> TileSize:
    """How much a device does best at once."""
    return CPU_PORTION if device.type == "cpu" else GPU_PORTION


class GridCells(NamedTuple):
    """Some cells and the vertices in them.

    Attributes
    ----------
    tokens
        The tokens that each cell reads: four corners and the global one.
    members
        Vertices of each cell. Cells that hold fewer than the others are filled up with the index
        behind the last vertex.
    """

    tokens: Int[Tensor, "cell 5"]
    members: Int[Tensor, "cell vertex"]


class TiledReadout(torch.autograd.Function):
    """Sums over tokens and channels for every vertex and image; see the module.

    ``apply(aligned, taken, weight, cell, portion)`` takes aligned tokens (image, layer, token,
    channel) in the number format of the products, each vertex's shares of the tokens that it reads
    (vertex, layer, 5), its channel selector (vertex, channel), its cell as
    :func:`cortexlens.encoding.reading.corners_of` counts them, and how much is worked on at once;
    it gives (vertex, image).
    """

    @staticmethod
    def forward(
        ctx: Any, aligned: Tensor, taken: Tensor, weight: Tensor, cell: Tensor, portion: TileSize
    ) -> Tensor:
        """Sum for every vertex and image."""
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
        """Gradients of the aligned tokens, the shares and the channel selectors."""
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
    """Outer products of shares and channel selectors, in memory that is used again and again.

    Parameters
    ----------
    taken, weight
        Shares and channel selectors of all vertices.
    dtype
        Number format of the large products.
    """

    def __init__(
        self,
        taken: Float[Tensor, "vertex layer 5"],
        weight: Float[Tensor, "vertex channel"],
        dtype: torch.dtype,
    ) -> None:
        # One vertex more, which takes nothing: it fills up cells.
        self.taken, self.weight, self.dtype = _ended(taken.flatten(1)), _ended(weight), dtype
        self.shape = taken.shape[1:]
        self._memory = weight.new_empty(0, dtype=dtype)

    def _room(self, members: Tensor) -> Tensor:
        """Memory for a number for every member, token read and channel."""
        shape = (members.numel(), self.taken.shape[1], self.weight.shape[1])
        if self._memory.numel() < shape[0] * shape[1] * shape[2]:
            self._memory = self._memory.new_empty(shape)
        return self._memory.flatten()[: shape[0] * shape[1] * shape[2]].view(shape)

    def __call__(self, members: Int[Tensor, "cell vertex"]) -> Float[Tensor, "cell vertex read"]:
        """Outer products of some vertices; valid until the next call."""
        rows, room = members.flatten(), self._room(members)
        torch.mul(self.taken[rows][:, :, None], self.weight[rows][:, None, :], out=room)
        return room.view(*members.shape, -1)

    def gradients(
        self,
        members: Int[Tensor, "cell vertex"],
        out: Float[Tensor, "cell vertex image"],
        tokens: Float[Tensor, "cell image read"],
    ) -> tuple[Float[Tensor, "cell vertex layer 5"], Float[Tensor, "cell vertex channel"]]:
        """Gradients of shares and channel selectors; overwrites the outer products."""
        rows, room = members.flatten(), self._room(members)
        torch.bmm(out, tokens, out=room.view(*members.shape, -1))
        taken, weight = (part[rows].to(self.dtype) for part in (self.taken, self.weight))
        d_taken = torch.bmm(room, weight[:, :, None]).to(self.taken.dtype)
        d_weight = torch.bmm(taken[:, None, :], room).to(self.weight.dtype)
        return d_taken.view(*members.shape, *self.shape), d_weight.view(*members.shape, -1)


def _ended(rows: Float[Tensor, "vertex *rest"]) -> Float[Tensor, "ended *rest"]:
    """The same with one row of zeros more."""
    return torch.cat([rows, rows.new_zeros(1, *rows.shape[1:])])


def _cells(
    cell: Int[Tensor, " vertex"],
    aligned: Float[Tensor, "image layer token channel"],
    portion: TileSize,
) -> Iterator[GridCells]:
    """Occupied cells, in groups that hold alike many vertices: largest first."""
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
    """Tokens that each cell reads: four corners and the global one.

    Parameters
    ----------
    height
        Tokens along each side of the grid.
    device
        That the indices are used on.

    Returns
    -------
    Tensor
        For every cell of the grid with a ring around it. A corner on the ring is the token next
        to it; its share is zero.
    """
    side = height + 2
    place = (torch.arange(side + 1, device=device) - 1).clamp(0, height - 1)
    corners = [
        (place[down : down + side, None] * height + place[right : right + side]).flatten()
        for down in (0, 1)
        for right in (0, 1)
    ]
    return torch.stack([*corners, torch.full_like(corners[0], height * height)], dim=1)


def _gather(
    aligned: Float[Tensor, "image layer token channel"], tokens: Int[Tensor, "cell 5"]
) -> Float[Tensor, "cell image read"]:
    """What some cells read of every image."""
    read = aligned[:, :, tokens]
    return read.permute(2, 0, 1, 3, 4).flatten(2)


def _scatter(
    total: Float[Tensor, "image layer token channel"],
    tokens: Int[Tensor, "cell 5"],
    parts: Float[Tensor, "cell image read"],
) -> None:
    """Add what flows back to the tokens that some cells read.

    Corner by corner: the cells' upper left corners are different tokens, and so on, so that no
    two numbers are added to one place in an order left to chance. (On the ring they are the
    same, and what is added is zero.)
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
    """Add a product to sums of at least its own number format."""
    if total.dtype == right.dtype:
        total.baddbmm_(left, right)
    else:
        total += left @ right
