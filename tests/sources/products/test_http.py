"""HTTP with limits: retried where it can help, bounded, and secrets stay secret."""

import logging
import time
from itertools import pairwise

import pytest

from core.sources.products import finlife, nh
from core.sources.products.http import MAX_BYTES, RefusedError, SchemaError, SourceError, TransientError
from tests.sources.products.servers import (
    BANKS,
    FINLIFE_KEY,
    NH_TOKEN,
    FakeFinlife,
    Reply,
    Server,
    deposit_option,
    deposit_row,
    serving,
)

DEPOSITS = "depositProductsSearch"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_in_trouble_is_asked_again(status: int, fss_server: Server, fss_client: finlife.Client):
    fss_server.queued_replies += [Reply(b"", status), Reply(b"", status)]
    assert fss_client.pages(DEPOSITS, BANKS)[0][0]["total_count"] == 0
    assert len(fss_server.requests) == 3


def test_pauses_grow_and_the_tries_end(fss_server: Server, fss_client: finlife.Client):
    fss_client.http.pause = 0.05
    fss_server.queued_replies += [Reply(b"", 503)] * 9
    with pytest.raises(TransientError, match="HTTP 503"):
        fss_client.pages(DEPOSITS, BANKS)
    came = [request.at for request in fss_server.requests]
    gaps = [later - earlier for earlier, later in pairwise(came)]
    assert len(gaps) == 3
    assert all(gap >= pause for gap, pause in zip(gaps, (0.05, 0.1, 0.2), strict=True))


def test_the_pause_a_server_asks_for_is_kept(fss_server: Server, fss_client: finlife.Client):
    fss_server.queued_replies.append(Reply(b"", 429, {"Retry-After": "1"}))
    fss_client.pages(DEPOSITS, BANKS)
    assert fss_server.requests[1].at - fss_server.requests[0].at >= 1.0


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(status: int, fss_server: Server, fss_client: finlife.Client):
    fss_server.queued_replies.append(Reply(b"", status))
    with pytest.raises(RefusedError, match=f"HTTP {status}"):
        fss_client.pages(DEPOSITS, BANKS)
    assert len(fss_server.requests) == 1


def test_a_server_that_does_not_answer_in_time_is_asked_again(fss_server: Server, fss_client: finlife.Client):
    fss_server.queued_replies.append(Reply(b"{}", late=0.6))
    assert fss_client.pages(DEPOSITS, BANKS)[0][0]["total_count"] == 0


def test_a_server_that_drips_is_given_up_after_the_whole_time(fss_server: Server, fss_client: finlife.Client):
    # A byte every 0.1 s never exceeds the limit of 0.4 s for a single wait; the sum does.
    fss_server.queued_replies += [Reply(b" " * 200_000, drip=0.1)] * 4
    began = time.monotonic()
    with pytest.raises(TransientError, match=r"too slow|does not answer"):
        fss_client.pages(DEPOSITS, BANKS)
    assert time.monotonic() - began < 8


def test_an_endless_answer_is_not_read_to_its_end(fss_server: Server, fss_client: finlife.Client):
    fss_server.queued_replies.append(Reply(b" " * (MAX_BYTES + 1)))
    fss_client.http.timeout = 20
    with pytest.raises(SchemaError, match="sends more than"):
        fss_client.pages(DEPOSITS, BANKS)


def test_nobody_at_the_address_is_one_sentence(fss_client: finlife.Client):
    fss_client.url = "http://127.0.0.1:9"
    with pytest.raises(TransientError, match=r"127\.0\.0\.1:9/depositProductsSearch\.json does not answer"):
        fss_client.pages(DEPOSITS, BANKS)


def test_a_redirect_on_the_same_host_is_followed(fss: FakeFinlife, fss_server: Server, fss_client: finlife.Client):
    fss.add(DEPOSITS, deposit_row(), deposit_option("12", 2.5, 3.0))
    fss_server.queued_replies.append(Reply(b"", 302, {"Location": f"/other/{DEPOSITS}.json"}))
    assert len(fss_client.pages(DEPOSITS, BANKS)[0][0]["baseList"]) == 1
    assert fss_server.requests[1].path == f"/other/{DEPOSITS}.json"


def test_a_redirect_to_another_host_does_not_get_the_key(fss_server: Server, fss_client: finlife.Client):
    with serving(lambda _: b"{}") as thief:
        elsewhere = thief.url.replace("127.0.0.1", "localhost")
        fss_server.queued_replies.append(Reply(b"", 302, {"Location": f"{elsewhere}/x"}))
        with pytest.raises(SchemaError, match="another host"):
            fss_client.pages(DEPOSITS, BANKS)
        assert thief.requests == []


def test_a_token_in_a_body_is_never_redirected(nh_server: Server, nh_client: nh.Client):
    nh_server.queued_replies.append(Reply(b"", 307, {"Location": "/elsewhere"}))
    with pytest.raises(RefusedError, match="HTTP 307"):
        nh_client.balance("3020000000000")
    assert len(nh_server.requests) == 1


TROUBLES = {
    "refused": [Reply({"result": {"err_cd": "010", "err_msg": f"unknown {FINLIFE_KEY}", "total_count": "0"}})],
    "down": [Reply(b"", 503)] * 4,
    "late": [Reply(b"", late=0.6)] * 4,
    "not found": [Reply(b"", 404)],
    "no json": [Reply(f"<p>{FINLIFE_KEY}</p>".encode())],
    "redirect": [Reply(b"", 302, {"Location": f"http://localhost:1/?auth={FINLIFE_KEY}"})],
    "loop": [Reply(b"", 302, {"Location": f"/again?auth={FINLIFE_KEY}"})] * 9,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_key_is_in_no_log_and_in_no_error(
    trouble: str, fss_server: Server, fss_client: finlife.Client, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    fss_server.queued_replies += TROUBLES[trouble]
    with pytest.raises(SourceError) as caught:
        fss_client.pages(DEPOSITS, BANKS)
    assert FINLIFE_KEY in str([request.params for request in fss_server.requests])
    assert FINLIFE_KEY not in caplog.text
    assert FINLIFE_KEY not in _everything(caught.value) + repr(fss_client)


def test_what_the_http_library_logs_of_an_address_is_masked(
    fss_client: finlife.Client, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    fss_client.pages(DEPOSITS, BANKS)
    assert "auth=***&topFinGrpNo=020000" in caplog.text


def test_nobody_at_the_address_does_not_give_the_key_away(fss_client: finlife.Client, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    fss_client.url = "http://127.0.0.1:9"
    with pytest.raises(TransientError) as caught:
        fss_client.pages(DEPOSITS, BANKS)
    assert FINLIFE_KEY not in _everything(caught.value) + caplog.text


def test_the_token_is_in_no_log_and_in_no_error(
    nh_server: Server, nh_client: nh.Client, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    header = {"Rpcd": "T0002", "Rsms": f"bad token {NH_TOKEN}"}
    nh_server.queued_replies += [Reply(b"", 500), Reply({"Header": header})]
    with pytest.raises(RefusedError, match="T0002") as caught:
        nh_client.balance("3020000000000")
    assert NH_TOKEN in str(nh_server.requests[0].body)
    assert NH_TOKEN not in _everything(caught.value) + caplog.text + repr(nh_client)


def _everything(error: BaseException | None) -> str:
    """The error with all that hangs on it, as a debugger or an error service would show it."""
    text = ""
    while error is not None:
        text += repr(error) + str(error) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return text
