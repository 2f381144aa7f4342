"""Stage: draw the units that regions choose most, as .png and .svg."""

from pathlib import Path
from typing import Annotated

import typer


def draw_units(
    units: Annotated[
        list[Path],
        typer.Argument(help="Stores of kind units (.zarr) of all layers of the dictionary."),
    ],
    dictionary: Annotated[Path, typer.Option(help="Store of kind dictionary (.zarr).")],
    saes: Annotated[
        Path,
        typer.Option(help="Folder with the network's autoencoders: LAYER/seed-0/sae.safetensors."),
    ],
    features: Annotated[Path, typer.Option(help="Feature store of the subject's images (.zarr).")],
    responses: Annotated[Path, typer.Option(help="Response store of the subject (.zarr).")],
    images: Annotated[Path, typer.Option(help="List of the subject's images (images.tsv).")],
    out: Annotated[Path, typer.Option(help="Folder to write units.png and units.svg to.")],
) -> None:
    """Draw each region's most chosen unit: its top test images, where in them, where on cortex."""
    from cortexlens.analysis.dictionaries.unit_pages import active_places, unit_pages
    from cortexlens.features.store import open_features
    from cortexlens.figures.dictionaries.units import DrawnUnit, unit_sheet
    from cortexlens.figures.drawing.style import save_pair
    from cortexlens.figures.maps.fits import read_fit, shown_rows
    from cortexlens.progress import track
    from cortexlens.sae.codes import mean_responses
    from cortexlens.sae.levels import as_fit
    from cortexlens.sae.model import load_sae
    from cortexlens.storage.datasets import open_dataset
    from cortexlens.study.pictures.image_set import ImageSet
    from cortexlens.study.pictures.squares import as_square

    opened = open_dataset(dictionary, kind="dictionary").load()
    stores = [open_dataset(path, kind="units") for path in units]
    pictures, store = ImageSet.read(images), open_features(features)
    store.check_images(pictures.ids, str(opened.attrs["subject"]))
    mean, _ = mean_responses(open_dataset(responses, kind="responses"))
    pages = unit_pages(opened, {str(each.attrs["layer"]): each for each in stores}, mean)
    rows, drawn = shown_rows(opened), []
    for page in track(pages, "units drawn"):
        sae = load_sae(saes / page.layer / "seed-0" / "sae.safetensors")
        notes = (
            f"{page.layer}, unit {page.unit}",
            f"best for {page.n_choosing} of {page.n_vertices}",
            f"active on {100 * page.frequency:.0f} % of images",
            f"{opened.attrs['metric']} {page.likeness:.2f} (test)",
        )
        names = [pictures.ids[image] for image in page.images.tolist()]
        # Show the squares that the network saw, because its tokens lie on them.
        opened_pictures = map(pictures.open, page.images.tolist())
        shown = [as_square(picture, store.frame.fit) for picture in opened_pictures]
        places = active_places(sae, store, page)
        drawn.append(DrawnUnit(page.roi, notes, names, shown, places, page.of_vertex[rows]))
    fit = read_fit(as_fit(opened, opened.attrs["layer_names"]), str(dictionary))
    foot = "light: where the unit is active, on the scale of its row"
    if stores[0].attrs["tokens"] != "local":
        foot += (
            f"; it was trained on {stores[0].attrs['tokens']} tokens and is applied to local ones"
        )
    figure = unit_sheet(fit, drawn, str(opened.attrs["metric"]), foot)
    title = f"units of {fit.backbone}, subject {fit.subject}"
    save_pair(figure, out, "units", title=title, source=fit.source)
