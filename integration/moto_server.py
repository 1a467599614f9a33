"""moto's server on a port of the loopback, one request at a time.

moto looks first and writes then: of two conditional writes at once (If-None-Match of S3, condition expressions of DynamoDB) both may succeed, where AWS lets one.
"""

import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

backends = DomainDispatcherApplication(create_backend_app)
turn = threading.Lock()


def answer(environ, start_response):
    """The answer of the backend that the request is for, made as a whole within the request's turn."""
    with turn:
        return list(backends(environ, start_response))


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), answer, threaded=True, request_handler=MotoRequestHandler)
