"""The API as one ASGI application: routes, documentation, health, readiness, metrics.

python -m core serve          http://127.0.0.1:8600/docs
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import swagger_ui_bundle
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json
from starlette.responses import FileResponse, Response

from core.api import keys, problems, routes_businesses, routes_predictions
from core.api.auth import Door
from core.api.build_follower import Follower
from core.api.keys import Keys
from core.api.observability import Metrics, Observed
from core.api.responses import written
from core.config import Settings

VERSION = "1.0"
ABOUT = """What SOHO Beacon's served build knows of a business, and what its models say of a payment.

Every answer names the build, the day its data end (`as_of`) and the versions of the models; the headers X-Build-Id,
X-As-Of and X-Request-ID do so for problems too. Reasons and states are codes. A key reads the books it was made for:
what lies outside them does not exist for it."""
# From the package, so that the page needs no other server.
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}


def make(settings: Settings) -> FastAPI:
    """The application over one bank's data folder."""
    metrics = Metrics()
    follower = Follower(settings.builds)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(follower.start)
        yield
        follower.stop()

    app = FastAPI(
        title="SOHO Beacon API", version=VERSION, description=ABOUT, lifespan=life, docs_url=None, redoc_url=None
    )
    app.state.door = Door(follower, Keys(keys.key_file(settings)), metrics)
    app.add_middleware(Observed, metrics=metrics, served=follower.known)
    problems.handle(app)
    app.include_router(routes_businesses.router)
    app.include_router(routes_predictions.router)
    _operate(app)
    _document(app)
    return app


def _operate(app: FastAPI) -> None:
    """Health, readiness and metrics; they need no key and tell nothing of a business."""

    @app.get("/health", tags=["operation"], response_model=dict[str, str])
    async def health() -> Response:
        """200 while the process answers."""
        return written(b'{"status":"ok"}')

    @app.get(
        "/ready",
        tags=["operation"],
        response_model=dict[str, str | int | None],
        responses=problems.documented("no_build"),
    )
    async def ready(request: Request) -> Response:
        """200 when there is a build to answer from, 503 when not."""
        served = request.app.state.door.follower.now()
        content = {"status": "ready", "build_id": served.build_id, "as_of": served.as_of}
        return written(to_json(content | {"businesses": len(served.businesses)}))

    @app.get("/metrics", tags=["operation"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(request: Request) -> Response:
        """Counters and times for Prometheus."""
        door: Door = request.app.state.door
        return Response(door.metrics.text(door.follower.known()), media_type="text/plain; version=0.0.4")


def _document(app: FastAPI) -> None:
    """/docs without another server, and OpenAPI with the problems as they are sent."""
    folder = Path(swagger_ui_bundle.swagger_ui_path)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url="/docs/swagger-ui-bundle.js",
            swagger_css_url="/docs/swagger-ui.css",
            swagger_favicon_url="/docs/favicon-32x32.png",
        )

    @app.get("/docs/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in ASSETS:
            raise problems.Refused("not_found", "see /docs for what there is")
        return FileResponse(folder / name, media_type=ASSETS[name])

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = found["components"]["schemas"]
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return found
