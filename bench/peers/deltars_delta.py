"""delta-rs (deltalake) alone: the steps that Polars and DuckDB leave to it, in a process that loads neither."""

import sys

from common import Runner
from deltars import maintenance

peer = Runner("deltars")
maintenance(peer)
sys.exit(peer.run())
