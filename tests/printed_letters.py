"""What stands under the codes of a printed sheet, read from the PDF as text."""

import re

import pypdfium2

_BROKEN = "-\x02\ufffe"
"""How the reader of PDFs tells a dash at the end of a line."""


def letters_on(pdf: bytes) -> list[str]:
    """The letters under each code of a PDF, in the order of its pages."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    dash = f"[{_BROKEN}]"
    shape = rf"(?:[A-Z2-7]{{4}}{dash}\s*){{8}}[A-Z2-7]{{4}}\b"
    return [re.sub(rf"{dash}\s*", "-", found) for found in re.findall(shape, text)]
