"""Prove every network of the paper without its weights, and write docs/networks.md.

python benchmarks/prove_zoo.py                      all of config/paper/backbones.tsv
python benchmarks/prove_zoo.py --only clip-l,sam-b  some; the others keep what was found before

Each is built with random weights at true size, in a process of its own, and read by cortexlens and
by the library's forward pass written out in forward_passes.py.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "config" / "paper" / "backbones.tsv"
PAGE = ROOT / "docs" / "networks.md"
FOUND = ROOT / "docs" / "networks.json"
SECTION = "\n## Diffusion networks\n"
HEAD = """# Networks proven

Written by `python benchmarks/prove_zoo.py`. Each network of `config/paper/backbones.tsv` that is
listed here was built at true size with random weights (seed 0) and shown a picture; its tokens were
compared with the library's own forward pass, written out block by block.

- *max difference*: the largest of all layers, tokens and channels, in standard deviations of the
  layer.
- *own output*: how far that pass, carried on to the end, is from the library's whole output.
- *place*: one patch of the picture, off the diagonal, is changed; in the first layer the token that
  changes most has to be the one of that row and column.
- *input*: largest difference from what the library's own transform makes of a square picture.
- *memory*: of the process, at its peak.

Trained weights were not loaded here.

"""


def rows():
    from cortexlens.backbones.row import BackboneRow
    from cortexlens.study.tsv import read_tsv

    columns = read_tsv(TABLE, needed=["backbone"])
    for cells in zip(*columns.values(), strict=True):
        row = BackboneRow.from_columns(dict(zip(columns, cells, strict=True)))
        yield replace_weights(row)


def replace_weights(row):
    return replace(row, weights=None, weights_prefix=None, weights_without=None)


def prove(row):
    import numpy as np
    import torch
    from PIL import Image

    from cortexlens.backbones.network import load_backbone
    from forward_passes import forward_pass, own_transform

    started = time.perf_counter()
    backbone = load_backbone(row)
    network, size = backbone._network, backbone.preprocess.input_size
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    x = backbone.preprocess(picture)[None]
    own = own_transform(network, row, size)(picture)
    found = backbone.tokens(x)
    with torch.inference_mode():
        expected, last, whole = forward_pass(row.source, row.name)(network, x)
    differences = [_difference(*pair) for pair in zip(found, expected, strict=True)]
    about = backbone.description
    sizes = dict.fromkeys(f"{height} × {width}" for height, width in about["map_sizes"])
    return {
        "network": row.backbone,
        "source": row.source,
        "name": row.name,
        "parameters": f"{about['n_parameters']:,}",
        "layers": len(found),
        "channels": ", ".join(map(str, dict.fromkeys(backbone.channels))),
        "grid": ", ".join(sizes),
        "global token": about["global_token"],
        "input, px": size,
        "max difference": f"{max(differences):.1e}",
        "own output": f"{float((last - whole).abs().max() / whole.std()):.1e}",
        "place": _place(backbone, x, found[0]),
        "input": f"{float((x[0] - own).abs().max()):.1e}",
        "memory, GiB": f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f}",
        "seconds": round(time.perf_counter() - started),
    }


def _difference(layer, expected):
    local, token = expected
    wanted = local.mean((2, 3)) if token is None else token
    assert layer.local_map.shape == local.shape
    gaps = (layer.local_map - local).abs().max(), (layer.global_token - wanted).abs().max()
    return float(max(gaps) / local.std())


def _place(backbone, x, before):
    height, width = before.local_map.shape[2:]
    row, column = height // 4, 3 * width // 4
    high, wide = x.shape[2] // height, x.shape[3] // width
    changed = x.clone()
    changed[..., row * high : (row + 1) * high, column * wide : (column + 1) * wide] *= -1
    change = (backbone.tokens(changed)[0].local_map - before.local_map).abs().sum(1)[0]
    most = divmod(int(change.argmax()), width)
    return "right" if most == (row, column) else f"{most}, not {(row, column)}"


def write_page(found, order):
    lines = [found[name] for name in order if name in found]
    table = [list(lines[0]), ["---"] * len(lines[0]), *(line.values() for line in lines)]
    text = "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in table)
    missing = [name for name in order if name not in found]
    # Written by hand.
    _, mark, after = PAGE.read_text(encoding="utf-8").partition(SECTION)
    text = HEAD + text + (f"\nNot run yet: {', '.join(missing)}.\n" if missing else "")
    PAGE.write_text(text + mark + after, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="identifiers, by commas")
    parser.add_argument("--one", help="prove one and print it as JSON")
    given = parser.parse_args()
    known = {row.backbone: row for row in rows()}
    if given.one:
        print(json.dumps(prove(known[given.one])))
        return
    found = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.is_file() else {}
    for name in given.only.split(",") if given.only else known:
        command = [sys.executable, __file__, "--one", name]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            print(name, done.returncode, done.stderr.strip().splitlines()[-1:], file=sys.stderr)
            continue
        found[name] = json.loads(done.stdout.strip().splitlines()[-1])
        print(found[name], flush=True)
        FOUND.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        write_page(found, known)


if __name__ == "__main__":
    main()
