"""A real local server that speaks the chat API, and says whatever a test wants."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = Callable[["Handler"], None]


@dataclass
class Chat:
    """A running server: where it is, and what it was asked."""

    url: str
    asked: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.chat.asked.append({"path": self.path, **json.loads(body)})
        self.server.chat.headers.append(dict(self.headers))
        try:
            self.server.reply(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_):
        pass

    def send(self, text: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def says(content: object) -> Reply:
    """Answer with this content, as JSON unless it is text."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    body = {"choices": [{"message": {"role": "assistant", "content": text}}]}
    return lambda handler: handler.send(json.dumps(body).encode())


def fails(status: int) -> Reply:
    return lambda handler: handler.send(b'{"error": {"message": "no"}}', status)


def sleeps(handler: Handler) -> None:
    time.sleep(3)


def drips(handler: Handler) -> None:
    """A byte now and then, for ever: a time-out between bytes never comes."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def floods(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(4_000):
        handler.wfile.write(b"x" * 1_000)


def no_json(handler: Handler) -> None:
    handler.send(b"<html>gateway</html>")


def hangs_up(handler: Handler) -> None:
    handler.connection.close()


def redirects(handler: Handler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://example.com/")
    handler.end_headers()


@contextmanager
def chat(*replies: Reply) -> Iterator[Chat]:
    """A server that gives these replies in turn, the last for ever."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    waiting = list(replies)
    server.chat = Chat(f"http://127.0.0.1:{server.server_port}")
    server.reply = lambda handler: (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.chat
    server.shutdown()
    server.server_close()
