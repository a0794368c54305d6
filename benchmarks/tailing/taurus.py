"""Run by Taurus's own Python: its reader over a result file that is complete.

    python taurus.py RESULTS SCRATCH PIECES

The file is handed over in pieces, as if it grew under a load. Prints rows and processor
seconds as JSON; copying the pieces is not counted.
"""

import json
import logging
import sys
import time
from pathlib import Path

from bzt.modules.jmeter import JTLReader  # type: ignore[import-not-found]


def main() -> None:
    """Read everything, counting the processor time of `datapoints` alone."""
    whole, growing, pieces = Path(sys.argv[1]).read_bytes(), Path(sys.argv[2]), int(sys.argv[3])
    logging.basicConfig(level=logging.ERROR)
    reader = JTLReader(str(growing), logging.getLogger("bzt"))
    size = -(-len(whole) // pieces)
    samples, cpu_s = 0, 0.0
    with growing.open("wb", buffering=0) as file:
        for at in range(0, len(whole), size):
            file.write(whole[at : at + size])
            begun = time.process_time()
            samples += sum(point["current"][""]["throughput"] for point in reader.datapoints())
            cpu_s += time.process_time() - begun
    begun = time.process_time()
    samples += sum(point["current"][""]["throughput"] for point in reader.datapoints(True))
    cpu_s += time.process_time() - begun
    print(json.dumps({"rows": samples, "cpu_s": cpu_s}))


if __name__ == "__main__":
    main()
