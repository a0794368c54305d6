"""Run by Taurus's own Python: prepare a configuration, which writes the plans, and start nothing.

python taurus_generate.py CONFIGURATION DIRECTORY
"""

import logging
import sys

from bzt.engine import Engine  # type: ignore[import-not-found]


def main() -> None:
    """Prepare, as `bzt` does before it starts JMeter."""
    configuration, directory = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING)
    engine = Engine(logging.getLogger("bzt"))
    engine.artifacts_dir = directory
    engine.configure([configuration])
    engine.prepare()


if __name__ == "__main__":
    main()
