"""Toys of the data tests: invented patients, and a server that misbehaves as told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd

from healthgym_edu.conditions.art_hiv.variables import SCHEMA


def toy_table(n_patients: int, seed: int = 0) -> pd.DataFrame:
    """File codes of invented patients, in the published layout."""
    rng = np.random.default_rng(seed)
    n_rows = n_patients * SCHEMA.n_steps
    columns = {}
    for variable in SCHEMA:
        if variable.kind == "numeric":
            columns[variable.name] = np.round(rng.lognormal(4.0, 0.7, n_rows).clip(0.1, 800.0), 6)
        elif variable.is_coded:
            size = n_patients if variable.static else n_rows
            codes = rng.choice(variable.codes, size).astype(float)
            columns[variable.name] = np.repeat(codes, n_rows // size)
    columns["PatientID"] = np.repeat(np.arange(n_patients), SCHEMA.n_steps)
    columns["Timestep"] = np.tile(np.arange(SCHEMA.n_steps), n_patients)
    return pd.DataFrame(columns)[SCHEMA.names]


class Server:
    """An HTTP server on the loopback interface that answers each path with a function."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.answers[self.path](self)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def answer(
        self,
        path: str,
        body: bytes,
        status: int = 200,
        kind: str = "text/csv",
        announced: int | None = None,
    ) -> str:
        """Answer `path` with `body`, announcing its own or another length; return the URL."""

        def send(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Type", kind)
            if announced != -1:
                handler.send_header("Content-Length", str(announced or len(body)))
            handler.end_headers()
            handler.wfile.write(body)
            handler.close_connection = True

        self.answers[path] = send
        return self.url(path)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
