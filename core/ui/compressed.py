"""Streamlit's own JavaScript, compressed: 9 MB on a first visit become 3.

Streamlit 1.67 sends its bundles as they are and leaves compression to a proxy; a branch office has none.
Each file is compressed once and kept (about 3 MB in all); their names carry a hash, so browsers may keep them too.
"""

import gzip
from functools import lru_cache
from pathlib import Path

import anyio
import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = Path(streamlit.__file__).parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css"}


class Compressed:
    """ASGI middleware: answers for Streamlit's scripts and styles, passes everything else on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        body = await anyio.to_thread.run_sync(_answer, scope) if _may_compress(scope) else None
        if body is None:
            await self.app(scope, receive, send)
            return
        headers = {
            "content-encoding": "gzip",
            "vary": "accept-encoding",
            "cache-control": "public, max-age=31536000, immutable",
        }
        media_type = TYPES[Path(scope["path"]).suffix]
        await Response(body, headers=headers, media_type=media_type)(scope, receive, send)


def _may_compress(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/static/"):
        return False
    return Path(scope["path"]).suffix in TYPES and "gzip" in Headers(scope=scope).get("accept-encoding", "")


def _answer(scope: Scope) -> bytes | None:
    file = (ROOT / scope["path"].lstrip("/")).resolve()
    # A path with .. in it must not leave the folder; Streamlit answers such a request.
    return _gzipped(file) if file.is_relative_to(ROOT / "static") and file.is_file() else None


@lru_cache(maxsize=512)
def _gzipped(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 6, mtime=0)
