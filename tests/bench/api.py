"""The API under load: single requests at a steady rate and as fast as possible, over several connections; batches.

The time of a request at a steady rate begins when the request is due: a server that stalls would otherwise hide it.
"""

import asyncio
import json
import random
import statistics
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core import db
from tests.api.server import Api, serve, wait_for

CONNECTIONS = 8
RATE, SECONDS = 300, 10
FLAT_OUT_SECONDS = 5
ROWS = 10_000
SUCCESS, RISK, BATCH = "/predict/transaction_success", "/predict/risk_score", "/v1/businesses/batch"


def measure(data_dir: Path) -> dict[str, dict[str, float]]:
    """For each kind of request: rate, median and 99th percentile in milliseconds; seconds of each batch."""
    businesses, payments = _rows(data_dir)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "builds").symlink_to((data_dir / "builds").resolve())
        with serve(home) as api:
            wait_for(lambda: api.get("/ready").status_code == 200)
            gets = [_request(api, "GET", f"/v1/businesses/{business_id}") for business_id in businesses]
            posts = {path: [_request(api, "POST", path, payment) for payment in payments] for path in (SUCCESS, RISK)}
            figures = {}
            for name, requests in {"business": gets, "success": posts[SUCCESS], "risk": posts[RISK]}.items():
                asyncio.run(_flat_out(api, requests, 1))  # a first second, in which the server fills its caches
                figures[f"{name}, {RATE} a second"] = asyncio.run(_steady(api, requests))
                figures[f"{name}, flat out"] = asyncio.run(_flat_out(api, requests, FLAT_OUT_SECONDS))
            body = {"payments": payments, "reasons": 6}
            figures["batch, businesses"] = _batch(api, BATCH, {"business_ids": businesses[:ROWS], "reasons": 4})
            figures["batch, success"] = _batch(api, f"{SUCCESS}/batch", body)
            figures["batch, risk"] = _batch(api, f"{RISK}/batch", body)
    return figures


def _rows(data_dir: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Ids of businesses, and payments after the build, both as many as a batch may have."""
    builds = data_dir / "builds"
    with db.open_build(builds, db.current_build(builds)) as con:
        businesses = [row[0] for row in con.execute("SELECT business_id FROM business_scores").fetchall()]
        payments = con.execute(
            # One a second after the last payment of the build, as requests are about payments before they are made.
            "SELECT payment_id, customer_id, amount_krw, merchant_id, merchant_category, method,"
            ' strftime(max("at") OVER () + to_seconds(row_number() OVER ()), \'%Y-%m-%dT%H:%M:%S\') AS "at"'
            f" FROM payments USING SAMPLE reservoir({ROWS} ROWS) REPEATABLE (1)"
        ).df()
    random.Random(1).shuffle(businesses)
    return businesses, payments.to_dict("records")


def _request(api: Api, method: str, path: str, content: Any = None) -> bytes:
    body = b"" if content is None else json.dumps(content).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nX-API-Key: {api.key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def _send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send a request, and read the response to its end."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)


async def _steady(api: Api, requests: list[bytes]) -> dict[str, float]:
    """RATE requests a second for SECONDS, each on the next free connection."""
    due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    times: list[float] = []

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            at, request = await due.get()
            try:
                await _send(reader, writer, request)
            finally:
                due.task_done()
            times.append(1000 * (time.perf_counter() - at))

    workers = [asyncio.create_task(work(*await _connect(api))) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for number, request in zip(range(RATE * SECONDS), cycle(requests)):
        at = started + number / RATE
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((at, request))
    await due.join()
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.cancel()
    return _figures(times, seconds)


async def _flat_out(api: Api, requests: list[bytes], seconds: float) -> dict[str, float]:
    """As many requests as the connections can send one after the other."""
    times: list[float] = []
    endless = cycle(requests)
    end = time.perf_counter() + seconds

    async def work(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (at := time.perf_counter()) < end:
            await _send(reader, writer, next(endless))
            times.append(1000 * (time.perf_counter() - at))

    await asyncio.gather(*[work(*await _connect(api)) for _ in range(CONNECTIONS)])
    return _figures(times, seconds)


async def _connect(api: Api) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(api.url)
    return await asyncio.open_connection(address.hostname, address.port, limit=1 << 20)


def _figures(times: list[float], seconds: float) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"a_second": len(times) / seconds, "p50_ms": cuts[49], "p99_ms": cuts[98], "requests": len(times)}


def _batch(api: Api, path: str, content: dict[str, Any]) -> dict[str, float]:
    """Median seconds of three requests, from sending the request to having its response."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        answer = api.post(path, content)
        seconds.append(time.perf_counter() - started)
        assert answer.status_code == 200, answer.text[:500]
    return {"seconds": statistics.median(seconds), "megabytes": len(answer.content) / 1e6}
