"""``python -m sandbox.aws --port-file F``: serve moto's AWS until told to stop.

With ``--with-parent`` also until standard input ends, for then whoever started it is gone.
"""

import argparse
import logging
import signal
import sys
from pathlib import Path

from moto.server import ThreadedMotoServer

from sandbox.aws.process import tell_port


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.aws", description="Serve moto's AWS on loopback.")
    parser.add_argument("--port-file", type=Path, required=True, help="where to write the port once it answers")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    arguments = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    tell_port(arguments.port_file, server.get_host_and_port()[1])
    try:
        if arguments.with_parent:
            sys.stdin.buffer.read()
        else:
            signal.pause()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
