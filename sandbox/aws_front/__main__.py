"""``python -m sandbox.aws_front --upstream URL --port-file F [--polls N] [--with-parent]``."""

import argparse
import signal
import socket
import sys
import threading
from pathlib import Path

import uvicorn

from sandbox.aws.process import tell_port
from sandbox.aws_front.app import front


def serve(arguments: argparse.Namespace) -> None:
    listening = socket.create_server(("127.0.0.1", 0))  # connections queue from here on, so the port may be told
    app = front(arguments.upstream, polls=arguments.polls)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn hands the signal on when it is through
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    if arguments.with_parent:
        threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
    tell_port(arguments.port_file, listening.getsockname()[1])
    server.run(sockets=[listening])


def _stop_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws_front", description="Slow and break moto's AWS.")
    parser.add_argument("--upstream", required=True, help="moto's URL")
    parser.add_argument("--port-file", type=Path, required=True, help="where to write the port once it answers")
    parser.add_argument("--polls", type=int, default=0, help="looks for which a change stays IN_PROGRESS")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    serve(parser.parse_args())


if __name__ == "__main__":
    main()
