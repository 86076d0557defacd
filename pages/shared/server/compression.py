"""Brotli for Streamlit's own scripts: a first visit to a page with a chart loads about 2.5 MB instead of 9.3 MB.

Streamlit 1.67 leaves /static uncompressed on purpose (gzip on every request costs too much). Its files never change
while the server runs and have their hash in the name, so each is compressed once, with Brotli, and kept.
"""

import mimetypes
from functools import cache
from pathlib import Path

import anyio
import brotli
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.file_util import get_static_dir

PREFIX = "/static/"
# 9 of 11: a tenth larger than the best, a tenth of its time (0.9 s for plotly's 4.7 MB, once).
QUALITY = 9
LARGE = 400_000  # bytes; four scripts, 1.3 s in all
FOR_EVER = "public, immutable, max-age=31536000"


class BrotliAssets:
    """ASGI middleware: serves Streamlit's scripts and styles compressed, passes every other request on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.files = _assets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a known asset to a browser that reads Brotli."""
        file = self.files.get(scope.get("path", "")) if scope.get("method") == "GET" else None
        if file is None or "br" not in Headers(scope=scope).get("accept-encoding", ""):
            await self.app(scope, receive, send)
            return
        body = await anyio.to_thread.run_sync(compressed, file)
        headers = {"content-encoding": "br", "cache-control": FOR_EVER, "vary": "accept-encoding"}
        media = mimetypes.guess_type(file.name)[0] or "text/javascript"
        await Response(body, headers=headers, media_type=media)(scope, receive, send)


@cache
def compressed(file: Path) -> bytes:
    """A file's bytes in Brotli."""
    return bytes(brotli.compress(file.read_bytes(), quality=QUALITY))


def warm() -> None:
    """Compress the large scripts, plotly's among them, before the first request."""
    for file in _assets().values():
        if file.stat().st_size >= LARGE:
            compressed(file)


@cache
def _assets() -> dict[str, Path]:
    """URL path -> file, for every script and style; only these are answered, so no path can climb out."""
    root = Path(get_static_dir()) / "static"
    return {
        f"{PREFIX}{file.relative_to(root).as_posix()}": file
        for kind in ("js", "css")
        for file in (root / kind).glob("*")
        if file.is_file()
    }
