"""Pages as a real browser prints them on A4, and what stands where on the sheets."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_PROGRAMS = ("chromium", "pdftotext")
needs_a_browser = pytest.mark.skipif(
    any(shutil.which(name) is None for name in _PROGRAMS) and not os.environ.get("CI"),
    reason="chromium or pdftotext is not installed",
)
#: Of a sheet of A4, in points; a browser rounds.
WIDTH, HEIGHT = 595, 842
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">')
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


def printed(page: str, folder: Path) -> Path:
    """Print a page of HTML; return the PDF."""
    written, pdf = folder / "page.html", folder / "page.pdf"
    written.write_text(page, encoding="utf-8")
    # A container has no place for the browser's own sandbox; the page is ours.
    how = (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={folder / 'user'}",
    )
    command = ["chromium", *how, f"--print-to-pdf={pdf}", written.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert pdf.exists(), ended.stderr
    return pdf


def sheets_of(pdf: Path) -> list[str]:
    """The text of each sheet, laid out."""
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return text.split("\f")[:-1]


def sizes_of(pdf: Path) -> list[tuple[float, float]]:
    """Width and height of each sheet."""
    return [(float(width), float(height)) for width, height in _PAGE.findall(_boxes_of(pdf))]


def words_outside(pdf: Path, width: float, margin: float) -> list[str]:
    """The words that stand in the margins at the sides."""
    words = _WORD.findall(_boxes_of(pdf))
    return [word for left, _, right, _, word in words if float(left) < margin or float(right) > width - margin]


def _boxes_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout
