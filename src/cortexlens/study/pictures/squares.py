"""Non-square pictures: their size as they are shown, and the square a network sees."""

from PIL import Image

from cortexlens.study.pictures.files import BACKDROP
from cortexlens.study.pictures.frames import SQUASH

_ORIENTATION, _TURNED = 0x0112, (5, 6, 7, 8)


def upright_size(image: Image.Image, data: bytes) -> tuple[int, int]:
    """Give width and height of a picture that was opened and not decoded, turned as it is shown.

    Parameters
    ----------
    image
        As :func:`cortexlens.study.pictures.files.identify` gives it.
    data
        The bytes of its file.
    """
    width, height = image.size
    # A PNG file may name its orientation after the pixels; to look for it would decode them.
    if image.format == "PNG" and b"eXIf" not in data and b"Orientation" not in data:
        return width, height
    try:
        turned = image.getexif().get(_ORIENTATION, 1) in _TURNED
    except Exception:  # a damaged entry; decoding tells of it
        return width, height
    return (height, width) if turned else (width, height)


def as_square(picture: Image.Image, fit: str) -> Image.Image:
    """Give what a network is shown of a picture, for people: a square in pixels of the picture.

    Parameters
    ----------
    picture
        RGB.
    fit
        As of :func:`window_scale`. A squashed picture is given as it is; to be drawn as a square.
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
