"""What the camera of the test browser sees: one of our codes, held by a hand in bad light."""

import io
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

from ledger.qr.image import png

BILL_ON_FILM = 8_800
WIDTH, HEIGHT = 1_280, 720
FRAMES = 12


def write_film(path: Path, text: str) -> None:
    """Write an MJPEG film in which the code turns and comes closer, dim and out of focus."""
    with Image.open(io.BytesIO(png(text, scale=8))) as opened:
        code = opened.convert("L")
    with path.open("wb") as film:
        for number in range(FRAMES):
            _frame(code, number).save(film, "JPEG", quality=70)


def _frame(code: Image.Image, number: int) -> Image.Image:
    side = 430 + 6 * number
    shown = code.resize((side, side), Image.Resampling.BILINEAR)
    shown = shown.rotate(9 - number, Image.Resampling.BILINEAR, expand=True, fillcolor=235)
    scene = Image.new("L", (WIDTH, HEIGHT), 200)
    scene.paste(shown, ((WIDTH - shown.width) // 2 + 4 * number, (HEIGHT - shown.height) // 2))
    dim = ImageEnhance.Brightness(scene.filter(ImageFilter.GaussianBlur(1.4))).enhance(0.55)
    return dim.convert("RGB")
