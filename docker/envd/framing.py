"""Frames: u32 header bytes, u32 body bytes (big endian), a JSON object, raw bytes."""

import json
import struct

MAX_HEADER_BYTES = 1 << 20
MAX_BODY_BYTES = 4 << 20
_PREFIX = struct.Struct(">II")
_JSON = json.JSONEncoder(separators=(",", ":"))


class FramingError(Exception):
    """The peer broke the framing; only its connection ends."""


def encode(header, body=b""):
    """One frame as a list of buffers to be written in order."""
    text = _JSON.encode(header).encode("utf-8")
    if len(text) > MAX_HEADER_BYTES:
        raise ValueError("the header is too large")
    if len(body) > MAX_BODY_BYTES:
        raise ValueError("the body is too large")
    start = _PREFIX.pack(len(text), len(body)) + text
    return [start, body] if len(body) else [start]


class FrameReader:
    """Turns received bytes into frames."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data):
        """Takes received bytes and returns the frames that are complete as (header, body) pairs."""
        buffer = self._buffer
        buffer += data
        frames = []
        at = 0
        while len(buffer) - at >= 8:
            header_bytes, body_bytes = _PREFIX.unpack_from(buffer, at)
            if header_bytes > MAX_HEADER_BYTES or body_bytes > MAX_BODY_BYTES:
                raise FramingError("a frame over the limits")
            end = at + 8 + header_bytes + body_bytes
            if len(buffer) < end:
                break
            try:
                header = json.loads(buffer[at + 8 : at + 8 + header_bytes].decode("utf-8"))
            except (ValueError, RecursionError):
                raise FramingError("a header that is not JSON") from None
            if not isinstance(header, dict):
                raise FramingError("a header that is not an object")
            frames.append((header, bytes(buffer[at + 8 + header_bytes : end])))
            at = end
        if at:
            del buffer[:at]
        return frames
