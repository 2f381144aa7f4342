"""Take the pictures of docs/demo_pictures.md from a finished demo, small enough for a repository.

    make demo && python docs/tools/pictures.py

Writes docs/images; a picture is made narrower, never wider, than it was drawn.
"""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
FIGURES, IMAGES = ROOT / "results" / "demo" / "figures", ROOT / "docs" / "images"
# name in docs/images: picture of the demo, width in pixels
PICTURES = {
    "overview": ("overview", 1000),
    "demo_overview_space": ("overview_space", 900),
    "demo_overview_scale": ("overview_scale", 900),
    "demo_layer": ("demo-contrastive/sim01/layer", 1000),
    "demo_layer_weights": ("demo-contrastive/sim01/layer_weights", 1200),
    "demo_space": ("demo-contrastive/sim01/space", 1000),
    "demo_size": ("demo-contrastive/sim01/size", 1000),
    "demo_scale": ("demo-contrastive/sim01/scale", 1000),
    "demo_r2": ("demo-contrastive/sim01/r2", 1200),
    "demo_average": ("demo-contrastive/average/layer", 1000),
    "demo_hierarchy": ("hierarchy", 760),
    "demo_max_model": ("max_model", 900),
    "demo_paper_comparison": ("paper_comparison", 700),
}


def take(name: str, figure: str, width: int) -> int:
    """Write one picture as WebP; returns its size in bytes."""
    with Image.open(FIGURES / f"{figure}.png") as drawn:
        picture = drawn.convert("RGB")
    if picture.width > width:
        height = round(picture.height * width / picture.width)
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    path = IMAGES / f"{name}.webp"
    picture.save(path, quality=80, method=6)
    return path.stat().st_size


if __name__ == "__main__":
    sizes = {name: take(name, *source) for name, source in PICTURES.items()}
    print(f"{len(sizes)} pictures, {sum(sizes.values()) / 1e6:.2f} MB")
