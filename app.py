"""The server: `streamlit run app.py`. Warm-up, readiness and errors; what users see is pages/frame.py."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pages.shared.server.compression import BrotliAssets

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Warm up before the first user; imported here because Streamlit's caches need its runtime."""
    from pages.shared.server.warm_up import warm_up

    await anyio.to_thread.run_sync(warm_up)
    yield


async def ready(_request: Request) -> JSONResponse:
    """200 and the build's id when there is one to serve, 503 and what to do when not."""
    from core.errors import NoBuildError
    from pages.shared.read import build_id, build_info

    try:
        build_info()  # not only named by CURRENT but readable
        return JSONResponse({"status": "ok", "build": build_id()})
    except NoBuildError as error:
        return JSONResponse({"status": "no build", "message": str(error)}, status_code=503)


async def districts(_request: Request) -> Response:
    """GeoJSON of the 25 districts; its address holds the build id, so a browser loads it once a build."""
    from core.errors import NoBuildError
    from pages.shared.read import read

    try:
        shapes = str(read("shared/district_shapes")["geojson"].iloc[0])
    except NoBuildError as error:
        return JSONResponse({"message": str(error)}, status_code=503)
    headers = {"cache-control": "public, max-age=86400, immutable"}
    return Response(shapes, media_type="application/geo+json", headers=headers)


def on_script_error(error: Exception) -> bool:
    """A bug: traceback to the log, one sentence to the user."""
    from pages.shared.text import t

    logging.getLogger("beacon.page").error("bug", exc_info=error)
    st.error(t("error.bug"), icon=":material/error:")
    return True


app = st.App(
    "pages/frame.py",
    lifespan=lifespan,
    routes=[Route("/api/ready", ready), Route("/api/districts.geojson", districts)],
    middleware=[Middleware(BrotliAssets)],
    on_script_error=on_script_error,
)
