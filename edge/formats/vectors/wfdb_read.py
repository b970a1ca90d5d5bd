"""
A second WFDB reader, written from header(5) and signal(5) of the WFDB Applications Guide and nothing
else; it shares no line with the TypeScript. Formats 16 and 212, several signals in one file.

    python3 wfdb_read.py OUT.json FILE.hea...

Stops with an error where an initial value or a checksum is not what the header says.
"""

import json
import os
import re
import struct
import sys


def samples_16(data):
    return list(struct.unpack("<%dh" % (len(data) // 2), data))


def samples_212(data):
    found = []
    for at in range(0, len(data) - 1, 3):
        low, middle = data[at], data[at + 1]
        found.append(low + 256 * (middle % 16))
        if at + 2 < len(data):
            found.append(data[at + 2] + 256 * (middle // 16))
    return [value - 4096 if value >= 2048 else value for value in found]


DECODE = {"16": (samples_16, -32768), "212": (samples_212, -2048)}


def read(path):
    with open(path, encoding="ascii") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    name, count, rate, length = lines[0][:4]
    count, length = int(count), int(length)
    signals = []
    stored = None
    for index, fields in enumerate(lines[1 : 1 + count]):
        file_name, form, scale, _bits, zero, initial, checksum, _block = fields[:8]
        decode, missing = DECODE[form]
        if stored is None:
            with open(os.path.join(os.path.dirname(path), file_name), "rb") as file:
                stored = decode(file.read())[: count * length]
        own = stored[index::count]
        assert len(own) == length, (path, "length")
        assert own[0] == int(initial), (path, "initial value")
        assert (sum(own) - int(checksum)) % 65536 == 0, (path, "checksum")
        gain, baseline, unit = re.match(r"([^(/]+)(?:\(([^)]*)\))?(?:/(.*))?$", scale).groups()
        offset = int(baseline if baseline is not None else zero)
        signals.append(
            {
                "label": " ".join(fields[8:]),
                "unit": unit,
                "stored": [None if value == missing else value for value in own],
                "values": [
                    None if value == missing else (value - offset) / float(gain) for value in own
                ],
            }
        )
    return {"name": name, "rateHz": float(rate), "start": lines[0][4:6], "signals": signals}


out = sys.argv[1]
with open(out, "w") as file:
    json.dump({path: read(path) for path in sys.argv[2:]}, file)
