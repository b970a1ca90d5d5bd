"""
What BioSig (Debian: biosig-tools, python3-biosig) reads of WFDB and EDF files, as JSON.

    python3 biosig_read.py OUT.json FILE...

Its header comes as text that is no JSON, and not always UTF-8, so the few members needed are picked
out of what its command prints. A value that is not a number (missing, or at the end of the range) is
null; rows are the first hundred.
"""

import json
import math
import re
import subprocess
import sys

import biosig

out, files = sys.argv[1], sys.argv[2:]
result = {}
for path in files:
    printed = subprocess.run(["save2gdf", "-JSON", path], stdout=subprocess.PIPE, check=True).stdout
    header = printed.decode("utf-8", "replace")
    pick = lambda name: re.search(r'"%s"\s*:\s*"?([^",\n]*)' % name, header).group(1)
    events = header.partition('"EVENT"')[2]
    result[path] = {
        "rateHz": float(pick("Samplingrate")),
        "start": pick("StartOfRecording"),
        "labels": re.findall(r'"Label"\s*:\s*"([^"]*)"', header),
        "units": re.findall(r'"PhysicalUnit"\s*:\s*"([^"]*)"', header),
        "events": [
            [float(at), int(code, 16)]
            for code, at in re.findall(r'"TYP"\s*:\s*"(0x[0-9a-f]+)",\s*"POS"\s*:\s*([0-9.]+)', events)
        ],
        "rows": [
            [None if math.isnan(value) else value for value in row]
            for row in biosig.data(path)[:100].tolist()
        ],
    }
with open(out, "w") as file:
    json.dump(result, file)
