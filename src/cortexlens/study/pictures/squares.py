"""Non-square images: their size as displayed, and the square that a network sees."""

from PIL import Image

from cortexlens.study.pictures.files import BACKDROP
from cortexlens.study.pictures.frames import SQUASH

_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)


def upright_size(image: Image.Image, data: bytes) -> tuple[int, int]:
    """Width and height in pixels of an opened image as it is displayed, without decoding it.

    Parameters
    ----------
    image
        Image from :func:`cortexlens.study.pictures.files.identify`.
    data
        Bytes of its file.
    """
    width, height = image.size
    # PNG files may state the orientation after the pixels; Pillow would decode them to find it.
    if image.format == "PNG" and b"eXIf" not in data and b"Orientation" not in data:
        return width, height
    try:
        turned = image.getexif().get(_ORIENTATION, 1) in _TURNED
    except Exception:  # a damaged entry, which is reported when the image is decoded
        return width, height
    return (height, width) if turned else (width, height)


def as_square(picture: Image.Image, fit: str) -> Image.Image:
    """Show what a network sees of an image: a square with the image's own pixel size.

    Parameters
    ----------
    picture
        RGB image.
    fit
        As for :func:`window_scale`. With ``squash``, the image is returned unchanged, to be
        displayed as a square.
    """
    if fit == SQUASH or picture.width == picture.height:
        return picture
    side = (min if fit == "crop" else max)(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    if fit == "crop":
        return picture.crop((left, top, left + side, top + side))
    square = Image.new("RGB", (side, side), BACKDROP)
    square.paste(picture, (-left, -top))
    return square
