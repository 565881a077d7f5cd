"""ClickHouse's HTTP interface in front of chdb, which is ClickHouse's engine as a library. On the loopback only.

    clickhouse-front.py PORT FOLDER

Real, because the engine does it: SQL, tables and parts, the reading of JSONEachRow, settings of the engine, deduplication,
FINAL, and the numbers, names and texts of errors.

Made up here, by https://clickhouse.com/docs/interfaces/http and the server's exceptionCodeToHTTPStatus.cpp:
- the login, one user, whose name and password are CLICKHOUSE_USER and CLICKHOUSE_PASSWORD; there are no grants,
- which parameters are the interface's own (`query`, `database`, `wait_end_of_query`) and which are settings; the settings of
  what is no INSERT are refused, for this front has no use for them,
- the bytes that are unpacked, the headers `X-ClickHouse-Summary` (the number of rows is the engine's) and
  `X-ClickHouse-Exception-Code`, and the status that goes with an error,
- one statement at a time; an error after the headers of a 200, or a connection that breaks, does not happen.
"""

import base64
import gzip
import json
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

STATUSES = {
    403: "AUTHENTICATION_FAILED ACCESS_DENIED",
    400: "BAD_ARGUMENTS CANNOT_PARSE_TEXT CANNOT_PARSE_ESCAPE_SEQUENCE CANNOT_PARSE_QUOTED_STRING CANNOT_PARSE_DATE "
    "CANNOT_PARSE_DATETIME CANNOT_PARSE_NUMBER CANNOT_PARSE_INPUT_ASSERTION_FAILED DUPLICATE_COLUMN ILLEGAL_COLUMN "
    "SYNTAX_ERROR INCORRECT_DATA TYPE_MISMATCH VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    404: "UNKNOWN_TABLE UNKNOWN_FUNCTION UNKNOWN_IDENTIFIER UNKNOWN_TYPE UNKNOWN_STORAGE UNKNOWN_DATABASE UNKNOWN_SETTING "
    "UNKNOWN_FORMAT",
    413: "QUERY_IS_TOO_LARGE",
    501: "NOT_IMPLEMENTED",
}
STATUS_OF = {name: status for status, names in STATUSES.items() for name in names.split()}
# The engine waits for the end by itself.
OWN_PARAMETERS = {"query", "database", "wait_end_of_query"}
INSERT = re.compile(r"\s*(INSERT\s.+?)(\s+FORMAT\s+\w+\s*)", re.IGNORECASE | re.DOTALL)
LOGIN = base64.b64encode(f"{os.environ['CLICKHOUSE_USER']}:{os.environ['CLICKHOUSE_PASSWORD']}".encode()).decode()

PORT, FOLDER = sys.argv[1:]
engine = session.Session(FOLDER)
turn = threading.Lock()


def run(sql, data, database, settings):
    """The text of a result, and the number of rows that were written."""
    insert = INSERT.fullmatch(sql)
    if insert and settings:
        # The engine's streaming insert would take them too, but it does not tell of a constraint that is violated.
        given = ", ".join(f"{name} = {quoted(value, chr(39))}" for name, value in settings)
        sql = f"{insert[1]} SETTINGS {given}{insert[2]}"
    elif settings:
        raise RuntimeError("Code: 48. DB::Exception: settings of what is no INSERT. (NOT_IMPLEMENTED)")
    with turn:
        engine.query(f"USE {quoted(database, '`')}")
        result = engine.query(f"{sql}\n{data.decode()}" if sql else data.decode(), "TabSeparated")
        return result.bytes(), result.rows_written()


def quoted(text, mark):
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other: the second would wait until the first is acknowledged.
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(200, b"Ok.\n") if self.path == "/ping" else self.answer(404, b"There is no handle\n")

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.headers.get("Authorization") != f"Basic {LOGIN}":
                raise RuntimeError("Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)")
            if self.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
            parameters = parse_qsl(urlsplit(self.path).query, keep_blank_values=True, strict_parsing=True)
            own = dict(parameters)
            settings = [(name, value) for name, value in parameters if name not in OWN_PARAMETERS]
            text, rows = run(own.get("query", ""), data, own.get("database", "default"), settings)
            self.answer(200, text, {"X-ClickHouse-Summary": json.dumps({"written_rows": str(rows)})})
        except Exception as error:
            said = re.search(r"Code: (\d+)\. DB::Exception: .*", str(error), re.DOTALL)
            if not said:
                raise
            names = re.findall(r"\(([A-Z][A-Z0-9_]+)\)", said[0])
            self.answer(
                STATUS_OF.get(names[-1] if names else "", 500),
                f"{said[0]}\n".encode(),
                {"X-ClickHouse-Exception-Code": said[1]},
            )

    def answer(self, status, body, headers={}):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(PORT)), Handler).serve_forever()
