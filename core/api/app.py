"""The API as an ASGI application: routes, documentation, health, readiness, metrics.

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
from core.api.auth import Gatekeeper
from core.api.build_follower import BuildFollower
from core.api.keys import Keys
from core.api.observability import Metrics, ObservabilityMiddleware
from core.api.responses import json_response
from core.config import Settings

VERSION = "1.0"
DESCRIPTION = """Figures of SOHO Beacon's served build for a business, and predictions of its models for a payment.

Every answer names the build, the day its data end (`as_of`) and the versions of the models; the headers X-Build-Id,
X-As-Of and X-Request-ID do so for problems too. Reasons and states are codes. A key reads the businesses of the
managers it was made for: for all others the API answers as if they did not exist."""
# Files of the package swagger-ui-bundle, so that /docs needs no other server.
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}


def make(settings: Settings) -> FastAPI:
    """The application for one bank's data folder."""
    metrics = Metrics()
    follower = BuildFollower(settings.builds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(follower.start)
        yield
        follower.stop()

    app = FastAPI(
        title="SOHO Beacon API",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.gatekeeper = Gatekeeper(follower, Keys(keys.key_file(settings)), metrics)
    app.add_middleware(ObservabilityMiddleware, metrics=metrics, served=follower.current_or_none)
    problems.add_handlers(app)
    app.include_router(routes_businesses.router)
    app.include_router(routes_predictions.router)
    _add_operation_routes(app)
    _add_documentation(app)
    return app


def _add_operation_routes(app: FastAPI) -> None:
    """Health, readiness and metrics; they need no key and hold no figures of a business."""

    @app.get("/health", tags=["operation"], response_model=dict[str, str])
    async def health() -> Response:
        """200 while the process answers."""
        return json_response(b'{"status":"ok"}')

    @app.get(
        "/ready",
        tags=["operation"],
        response_model=dict[str, str | int | None],
        responses=problems.openapi_responses("no_build"),
    )
    async def ready(request: Request) -> Response:
        """200 when there is a build to answer from, 503 when not."""
        served = request.app.state.gatekeeper.follower.current()
        content = {"status": "ready", "build_id": served.build_id, "as_of": served.as_of}
        return json_response(to_json(content | {"businesses": len(served.businesses)}))

    @app.get("/metrics", tags=["operation"], response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics(request: Request) -> Response:
        """Counters and times for Prometheus."""
        gatekeeper: Gatekeeper = request.app.state.gatekeeper
        text = gatekeeper.metrics.text(gatekeeper.follower.current_or_none())
        return Response(text, media_type="text/plain; version=0.0.4")


def _add_documentation(app: FastAPI) -> None:
    """/docs without another server, and an OpenAPI schema with our problems instead of FastAPI's errors."""
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
            raise problems.ProblemError("not_found", "see /docs for what there is")
        return FileResponse(folder / name, media_type=ASSETS[name])

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schema(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = schema["components"]["schemas"]
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return schema
