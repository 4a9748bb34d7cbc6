"""A stand-in for `python -m esp_idf_size --format json2 MAP`: it reads the map that the stand-in idf.py writes."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

TOTALS = {"DIRAM": 321296, "Flash Code": 4194272, "Flash Data": 4194272}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m esp_idf_size")
    parser.add_argument("--format", choices=("json2",), required=True)
    parser.add_argument("map_file")
    text = Path(parser.parse_args().map_file).read_text()
    layout = [
        {"name": name, "total": TOTALS[name], "used": int(used), "free": TOTALS[name] - int(used), "parts": {}}
        for name, used in re.findall(r"^memory (.+) (\d+)$", text, re.MULTILINE)
    ]
    sys.stdout.write(json.dumps({"version": "1.2", "layout": layout}, indent=4) + "\n")


if __name__ == "__main__":
    main()
