"""Local servers that answer as finlife and NH do, quirks included; sources: see finlife.py and nh.py."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FINLIFE_KEY = "0123456789abcdef0123456789abcdef"
NH_TOKEN = "fe" * 32
BANKS = "020000"


@dataclass
class Request:
    """One question as it came in."""

    path: str
    params: dict[str, str]
    body: dict[str, Any]
    at: float = field(default_factory=time.monotonic)


@dataclass
class Reply:
    """What goes out. `drip` seconds between single bytes, `late` seconds before anything."""

    content: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    late: float = 0.0
    drip: float = 0.0

    @property
    def sent(self) -> bytes:
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, ensure_ascii=False).encode("utf-8")


@dataclass
class Server:
    """A running server: its address, what it was request, and replies that come before those of its speaker."""

    url: str
    requests: list[Request] = field(default_factory=list)
    queued_replies: list[Reply] = field(default_factory=list)


@contextmanager
def serving(answer: Callable[[Request], Any]) -> Iterator[Server]:
    """A server on a free port of this machine; `answer` gives the content, or a Reply."""
    server: Server

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            request = Request(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}, body)
            server.requests.append(request)
            reply = server.queued_replies.pop(0) if server.queued_replies else answer(request)
            self.reply(reply if isinstance(reply, Reply) else Reply(reply))

        do_POST = do_GET

        def reply(self, reply: Reply) -> None:
            time.sleep(reply.late)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.sent)))
            self.end_headers()
            try:
                for piece in [reply.sent[at : at + 1] for at in range(len(reply.sent))] if reply.drip else [reply.sent]:
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(reply.drip)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has had enough, as it should

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


@dataclass
class FakeFinlife:
    """Answers as finlife: `products` by service and group, each a base row with its option rows."""

    products: dict[tuple[str, str], list[tuple[dict, list[dict]]]] = field(default_factory=dict)
    rows_a_page: int = 100
    counts_as_text: bool = False

    def add(self, service: str, base: dict, *options: dict, group: str = BANKS) -> None:
        self.products.setdefault((service, group), []).append((base, list(options)))

    def __call__(self, request: Request) -> dict:
        service = request.path.rpartition("/")[2].removesuffix(".json")
        for name in ("auth", "topFinGrpNo", "pageNo"):
            if not request.params.get(name):
                return error_answer("100", f"{name} 누락")
        if request.params["auth"] != FINLIFE_KEY:
            return error_answer("010", "미등록 인증키")
        products = self.products.get((service, request.params["topFinGrpNo"]), [])
        company = request.params.get("financeCd", "")
        if company:
            products = [
                product for product in products if company in (product[0]["fin_co_no"], product[0]["kor_co_nm"])
            ]
        return self._page(products, int(request.params["pageNo"]))

    def _page(self, products: list[tuple[dict, list[dict]]], page: int) -> dict:
        shown = products[(page - 1) * self.rows_a_page : page * self.rows_a_page]
        count = str if self.counts_as_text else int
        return {
            "result": {
                "prdt_div": "D",
                "total_count": count(len(products)),
                "max_page_no": count(-(-len(products) // self.rows_a_page)),
                "now_page_no": count(page),
                "err_cd": "000",
                "err_msg": "정상",
                "baseList": [base for base, _ in shown],
                "optionList": [option for _, options in shown for option in options],
            }
        }


def error_answer(code: str, message: str) -> dict:
    """An error of finlife: HTTP 200, and the count as text."""
    return {"result": {"err_cd": code, "err_msg": message, "total_count": "0"}}


def base_row(company: str = "0010001", product: str = "P1", **more: Any) -> dict:
    """A base row as every service sends it."""
    facts = {"dcls_month": "202608", "fin_co_no": company, "fin_prdt_cd": product, "kor_co_nm": f"은행{company}"}
    rest = {"fin_prdt_nm": "예시 상품", "join_way": "영업점", "dcls_strt_day": "20260820", "dcls_end_day": None}
    return facts | rest | more


def deposit_row(company: str = "0010001", product: str = "P1", **more: Any) -> dict:
    """A base row of a deposit."""
    rest = {"join_deny": "1", "join_member": "실명의 개인", "spcl_cnd": "", "etc_note": "", "max_limit": None}
    return base_row(company, product) | rest | more


def deposit_option(
    months: str, rate: float | None, best: float | None, company: str = "0010001", product: str = "P1"
) -> dict:
    """An option row of a deposit; the term is text, as finlife sends it."""
    facts = {"dcls_month": "202608", "fin_co_no": company, "fin_prdt_cd": product}
    rest = {"intr_rate_type": "S", "intr_rate_type_nm": "단리", "save_trm": months}
    return facts | rest | {"intr_rate": rate, "intr_rate2": best}


def loan_row(company: str = "0010001", product: str = "B1", **more: Any) -> dict:
    """A base row of a loan for sole proprietors."""
    facts = {"fin_prdt_type": "1", "fin_prdt_type_nm": "운전자금대출", "loan_type": "신용대출", "rpay_type": "일시상환"}
    rest = {"lend_rate_type": "변동", "use_way": "운전", "loan_limit": "1억원", "loan_term": "1년", "cb_name": None}
    return base_row(company, product) | facts | rest | more


def loan_option(low: float, high: float, *rates: float, company: str = "0010001", product: str = "B1") -> dict:
    """An option row of a loan for sole proprietors; rates from the best credit band down."""
    facts = {"dcls_month": "202608", "fin_co_no": company, "fin_prdt_cd": product}
    padded = [*rates, *[0.0] * (8 - len(rates))]
    values = {f"val1_grad_{band}": rate for band, rate in enumerate(padded, 1)}
    ends = {"lend_rate_min": low, "lend_rate_max": high, "lend_rate_avg": (low + high) / 2}
    return facts | values | {"val1_grad_avg": (low + high) / 2} | ends


@dataclass
class FakeNh:
    """Answers as NH's platform. The codes T… are its own: NH publishes no list."""

    transactions: dict[str, list[dict]] = field(default_factory=dict)
    uses: dict[str, list[dict]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    used: set[tuple[str, str, str]] = field(default_factory=set)

    def __call__(self, request: Request) -> dict:
        header, api = request.body["Header"], request.path.strip("/").removesuffix(".nh")
        number = (header["ApiSvcCd"], header["Tsymd"], header["IsTuno"])
        if header["AccessToken"] != NH_TOKEN:
            return self._answer(header, "T0002", "토큰 오류")
        if number in self.used or len(header["IsTuno"]) > 20 or header["ApiNm"] != api:
            return self._answer(header, "T0001", "거래고유번호 중복")
        self.used.add(number)
        whose = request.body.get("FinAcno") or request.body.get("FinCard")
        if whose in self.refused:
            return self._answer(header, "T0003", f"조회할 수 없는 계좌 {whose}")
        if api == "InquireBalance":
            return self._answer(header, FinAcno=whose, Ldbl="1500000", RlpmAbamt="1400000")
        return self._history(
            header, request.body, (self.uses if "FinCard" in request.body else self.transactions)[whose]
        )

    def _history(self, header: dict, body: dict, rows: list[dict]) -> dict:
        card = "FinCard" in body
        size, most = int(body["Dmcnt"]), 15 if card else 100
        if size > most or _months_apart(body["Insymd"], body["Ineymd"]) > 3:
            return self._answer(header, "T0004", "조회 기간 또는 건수 초과")
        wanted = [row for row in rows if body["Insymd"] <= row["Trdd"] <= body["Ineymd"]]
        page = int(body["PageNo"])
        shown = wanted[(page - 1) * size : page * size]
        counts = {"TotCnt": str(len(wanted)), "Iqtcnt": str(len(shown))}
        more = "Y" if page * size < len(wanted) else "N"
        answer = self._answer(header, CtntDataYn=more, **counts, REC=shown)
        if card:  # the service of the personal card answers with the corporate card's name, and a blank in a key
            answer["Header"]["ApiNm"] = "InquireCorporationCardAuthorizationHistory"
            answer["Header"]["Rsms "] = answer["Header"].pop("Rsms")
        return answer

    def _answer(self, header: dict, code: str = "00000", message: str = "정상처리 되었습니다.", **body: Any) -> dict:
        echoed = {name: value for name, value in header.items() if name != "AccessToken"}
        return {"Header": echoed | {"Rpcd": code, "Rsms": message}} | body


def _months_apart(first: str, last: str) -> float:
    """Calendar months that a span touches with its days: 20260801 to 20261031 are three."""
    months = (int(last[:4]) - int(first[:4])) * 12 + int(last[4:6]) - int(first[4:6])
    return months + (1 if int(last[6:]) >= int(first[6:]) else 0)


def transaction(day: str, amount: int, *, out: bool = False, serial: str = "1", balance: int = 1_000_000) -> dict:
    """A transaction of an account, all values as text."""
    facts = {"Trdd": day, "Txtm": "163826", "MnrcDrotDsnc": "3" if out else "2", "Tram": str(amount)}
    after = {"AftrBlnc": str(abs(balance)), "TrnsAfAcntBlncSmblCd": "-" if balance < 0 else "+"}
    return facts | after | {"Smr": None, "Ccyn": "0", "Tuno": serial, "BnprCntn": "김사장 카드매출"}


def card_use(day: str, amount: int, serial: str = "1") -> dict:
    """An authorisation of a card."""
    facts = {"CardAthzNo": serial, "Trdd": day, "Txtm": "120000", "Usam": str(amount), "AfstNm": "어느 가게"}
    return facts | {"Ccyn": "0", "CnclYmd": "", "Crcd": "KRW"}
