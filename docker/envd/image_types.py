"""Telling images by their first bytes, as `file --mime-type` would."""

import re

_MAGIC = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\x00{4}|II\*\x00|MM\x00\*|RIFF.{4}WEBP|\x00\x00\x01\x00[^\x00]|"
    rb"8BPS\x00\x01|icns|v/1\x01|/\* XPM|P[1-6]\s+\d+\s+\d+\s|"
    rb"\x00{3}.ftyp(?:avif|heic|mif1)|\xff\x0a|\x00{3}\x0cJXL |\x00{3}\x0cjP  ",
    re.DOTALL,
)
_SVG = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?(?:<!DOCTYPE\s+svg[^>]*>\s*)?<svg[\s>]", re.DOTALL)
_LOOKED_AT_BYTES = 4096


def looks_like_image(path):
    """Whether the file can be read and starts like an image."""
    try:
        with open(path, "rb") as file:
            start = file.read(_LOOKED_AT_BYTES)
    except OSError:
        return False
    is_drawing = start.startswith(b"<?xml version=") and b"<svg" in start
    return is_drawing or bool(_MAGIC.match(start) or _SVG.match(start))
