"""Prints the vectors of WIRE.md: a second implementation, from the text alone, in plain Python.

    python3 vectors.py payload > payload.json      (also: envelope, answer)

ChaCha20-Poly1305 follows RFC 8439, HChaCha20 draft-irtf-cfrg-xchacha-03, 2.2. Keys, nonces and
readings are made up. The three files are frozen: this is where they came from, not a build step.
"""
import json
import struct
import sys


def rotate(v, n):
    return ((v << n) | (v >> (32 - n))) & 0xFFFFFFFF


def rounds(state):
    s = list(state)
    for _ in range(10):
        for a, b, c, d in [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]:
            for x, y, z, n in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)]:
                s[x] = (s[x] + s[y]) & 0xFFFFFFFF
                s[z] = rotate(s[z] ^ s[x], n)
    return s


def words(b):
    return list(struct.unpack(f'<{len(b) // 4}I', b))


def block(key, counter, nonce):
    state = words(b'expand 32-byte k' + key) + [counter] + words(nonce)
    return struct.pack('<16I', *[(a + b) & 0xFFFFFFFF for a, b in zip(state, rounds(state))])


def hchacha(key, nonce16):
    s = rounds(words(b'expand 32-byte k' + key + nonce16))
    return struct.pack('<8I', *s[:4], *s[12:])


def padded(b):
    return b + bytes(-len(b) % 16)


def seal(key, nonce, aad, plain):
    stream = b''.join(block(key, 1 + i, nonce) for i in range(-(-len(plain) // 64)))
    cipher = bytes(a ^ b for a, b in zip(plain, stream))
    one_time = block(key, 0, nonce)
    r = int.from_bytes(one_time[:16], 'little') & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    data = padded(aad) + padded(cipher) + struct.pack('<QQ', len(aad), len(cipher))
    total = 0
    for i in range(0, len(data), 16):
        total = (total + int.from_bytes(data[i:i + 16] + b'\1', 'little')) * r % (2**130 - 5)
    tag = (total + int.from_bytes(one_time[16:32], 'little')) & (2**128 - 1)
    return cipher + tag.to_bytes(16, 'little')


def seal_x(key, nonce24, aad, plain):
    return seal(hchacha(key, nonce24[:16]), bytes(4) + nonce24[16:], aad, plain)


def head(device_time, boot_time=None, version=1, flags=None):
    flags = (0 if boot_time is None else 1) if flags is None else flags
    return struct.pack('<BBQ', version, flags, device_time) + (
        b'' if boot_time is None else struct.pack('<q', boot_time))


def wrap(kind, body):
    return struct.pack('<BH', kind, len(body)) + body


def column(vital, quality, start, rows):
    bits = bytearray(-(-len(rows) // 8))
    for i, row in enumerate(rows):
        if row is not None:
            bits[i // 8] |= 1 << i % 8
    values = [row for row in rows if row is not None]
    return wrap(1, struct.pack('<BBIH', vital, quality, start, len(rows)) + bytes(bits)
                + struct.pack(f'<{len(values)}i', *values))


def segment(channel, lead, unit, flags, quality, start, rate, gain, baseline, samples):
    return wrap(2, struct.pack('<BBBBBQIdiH', channel, lead, unit, flags, quality, start, rate,
                               gain, baseline, len(samples))
                + struct.pack(f'<{len(samples)}h', *samples))


def status(battery, link, buffered, cause, firmware):
    text = firmware if isinstance(firmware, bytes) else firmware.encode()
    return wrap(3, struct.pack('<BbIBB', battery, link, buffered, cause, len(text)) + text)


def event(code, at):
    return wrap(4, struct.pack('<BQ', code, at))


HEART = column(1, 4, 4, [723])
ECG = segment(64, 2, 1, 1, 3, 4_000_000, 360_000, 200.0, -7, [0, 1, -1, 32767, -32768])


def col_frame(**changes):
    rows = [723, None, 730, None, None, None, None, None, -5]
    return {'vital': 'heart-rate', 'quality': 4, 'startSecond': 4, 'rows': rows, **changes}


def payloads():
    ecg = {'waveform': 'ecg', 'lead': 'II', 'unit': 'mV', 'leadOff': True, 'saturated': False,
           'quality': 3, 'startUs': 4_000_000, 'rateMilliHz': 360_000, 'gain': 200, 'baseline': -7,
           'samples': [0, 1, -1, 32767, -32768]}
    pleth = {'waveform': 'pleth', 'lead': '', 'unit': '1', 'leadOff': False, 'saturated': True,
             'quality': 255, 'startUs': 2**53 - 1, 'rateMilliHz': 100_000_000, 'gain': -0.5,
             'baseline': -2**31, 'samples': [5]}
    known = {'batteryPercent': 100, 'linkDbm': -127, 'bufferedFrames': 2**32 - 1,
             'resetCause': 'software', 'firmware': 'uno 1.4~'}
    unknown = {'batteryPercent': None, 'linkDbm': None, 'bufferedFrames': 0,
               'resetCause': 'unknown', 'firmware': ''}
    h = head(5_000_000)

    def good(name, data, **frame):
        base = {'deviceTimeUs': 5_000_000, 'columns': [], 'segments': [], 'events': []}
        return {'name': name, 'payload': data.hex(), 'frame': {**base, **frame}}

    def bad(name, data, code, position):
        return {'name': f'bad_{name}', 'payload': data.hex(), 'code': code, 'position': position}

    rows = col_frame()['rows']
    return [
        good('empty', h),
        good('one_heart_rate', h + HEART, columns=[col_frame(rows=[723])]),
        good('absent_rows', h + column(1, 4, 4, rows), columns=[col_frame()]),
        good('all_rows_absent', h + column(3, 0, 2**32 - 1, [None] * 8),
             columns=[col_frame(vital='spo2', quality=0, startSecond=2**32 - 1, rows=[None] * 8)]),
        good('boot_time', head(0, 1_790_000_000_123), deviceTimeUs=0, bootTimeMs=1_790_000_000_123),
        good('boot_time_earliest', head(2**53 - 1, -9_007_199_254_740), deviceTimeUs=2**53 - 1,
             bootTimeMs=-9_007_199_254_740),
        good('ecg', h + ECG, segments=[ecg]),
        good('everything', h + HEART + column(6, 255, 0, [-20000, 2**31 - 1]) + ECG
             + segment(65, 0, 0, 2, 255, 2**53 - 1, 100_000_000, -0.5, -2**31, [5])
             + status(100, -127, 2**32 - 1, 5, 'uno 1.4~') + event(1, 1) + event(1, 2),
             columns=[col_frame(rows=[723]), col_frame(vital='skin-temperature', quality=255,
                      startSecond=0, rows=[-20000, 2**31 - 1])],
             segments=[ecg, pleth], status=known,
             events=[{'name': 'nurse-call', 'atUs': 1}, {'name': 'nurse-call', 'atUs': 2}]),
        good('status_unknown', h + status(255, -128, 0, 0, ''), status=unknown),
        {**good('other_order', h + event(1, 9) + HEART, columns=[col_frame(rows=[723])],
                events=[{'name': 'nurse-call', 'atUs': 9}]), 'notCanonical': True},
        bad('nothing', b'', 'malformed', 0),
        bad('version', head(0, version=2), 'unknown-version', 0),
        bad('flags', head(0, flags=2), 'malformed', 1),
        bad('device_time', head(2**53), 'malformed', 2),
        bad('boot_time', head(0, 9_007_199_254_741), 'malformed', 10),
        bad('boot_time_missing', head(0, flags=1), 'malformed', 10),
        bad('block_type_0', h + wrap(0, b''), 'unknown-version', 10),
        bad('block_type_5', h + wrap(5, b''), 'unknown-version', 10),
        bad('block_too_long', h + b'\4\x0a\0\1' + bytes(8), 'malformed', 13),
        bad('block_bytes_left', h + wrap(4, b'\1' + bytes(9)), 'malformed', 22),
        bad('blocks_65', h + event(1, 0) * 65, 'malformed', 10 + 64 * 12),
        bad('vital_twice', h + HEART + HEART, 'malformed', 29),
        bad('vital_unknown', h + column(11, 4, 0, [1]), 'unknown-vital', 13),
        bad('column_quality', h + column(1, 5, 0, [1]), 'malformed', 14),
        bad('rows_0', h + column(1, 4, 0, []), 'malformed', 19),
        bad('rows_3601', h + wrap(1, struct.pack('<BBIHB', 1, 4, 0, 3601, 0)), 'malformed', 19),
        bad('presence_unused_bit', h + wrap(1, struct.pack('<BBIHB', 1, 4, 0, 1, 2)), 'malformed', 21),
        bad('value_missing', h + wrap(1, struct.pack('<BBIHB', 1, 4, 0, 1, 1)), 'malformed', 22),
        bad('value_too_many', h + wrap(1, struct.pack('<BBIHBi', 1, 4, 0, 1, 0, 7)), 'malformed', 22),
        bad('channel', h + segment(69, 0, 0, 0, 0, 0, 1, 1, 0, [0]), 'unknown-vital', 13),
        bad('lead', h + segment(64, 20, 0, 0, 0, 0, 1, 1, 0, [0]), 'unknown-vital', 14),
        bad('unit', h + segment(64, 0, 7, 0, 0, 0, 1, 1, 0, [0]), 'unknown-vital', 15),
        bad('segment_flags', h + segment(64, 0, 0, 4, 0, 0, 1, 1, 0, [0]), 'malformed', 16),
        bad('segment_quality', h + segment(64, 0, 0, 0, 254, 0, 1, 1, 0, [0]), 'malformed', 17),
        bad('start', h + segment(64, 0, 0, 0, 0, 2**53, 1, 1, 0, [0]), 'malformed', 18),
        bad('rate_0', h + segment(64, 0, 0, 0, 0, 0, 0, 1, 0, [0]), 'malformed', 26),
        bad('rate', h + segment(64, 0, 0, 0, 0, 0, 100_000_001, 1, 0, [0]), 'malformed', 26),
        bad('gain_0', h + segment(64, 0, 0, 0, 0, 0, 1, 0, 0, [0]), 'malformed', 30),
        bad('gain_minus_0', h + segment(64, 0, 0, 0, 0, 0, 1, -0.0, 0, [0]), 'malformed', 30),
        bad('gain_nan', h + segment(64, 0, 0, 0, 0, 0, 1, float('nan'), 0, [0]), 'malformed', 30),
        bad('gain_infinite', h + segment(64, 0, 0, 0, 0, 0, 1, float('inf'), 0, [0]), 'malformed', 30),
        bad('samples_0', h + segment(64, 0, 0, 0, 0, 0, 1, 1, 0, []), 'malformed', 42),
        bad('samples_32001', (h + segment(64, 0, 0, 0, 0, 0, 1, 1, 0, [0]))[:42] + b'\x01\x7d\0\0',
            'malformed', 42),
        bad('status_twice', h + status(0, 0, 0, 0, '') * 2, 'malformed', 24),
        bad('battery', h + status(101, 0, 0, 0, ''), 'malformed', 13),
        bad('reset_cause', h + status(0, 0, 0, 6, ''), 'malformed', 19),
        bad('firmware_control', h + status(0, 0, 0, 0, 'a\n'), 'malformed', 21),
        bad('firmware_not_ascii', h + status(0, 0, 0, 0, b'\xc3\xa9'), 'malformed', 21),
        bad('event', h + event(2, 0), 'unknown-version', 13),
        bad('event_time', h + event(1, 2**53), 'malformed', 14),
    ]


UP, DOWN = bytes(range(32)), bytes(range(100, 132))


def envelopes():
    def frame(name, node, epoch, boot, sequence, payload, version=1, kind=1):
        header = struct.pack('<BBHII', version, kind, epoch, boot, sequence)
        sealed = seal(UP, header[4:] + bytes(4), header + node.encode(), payload)
        return {'name': name, 'node': node, 'upKey': UP.hex(), 'keyEpoch': epoch, 'boot': boot,
                'sequence': sequence, 'payload': payload.hex(), 'frame': (header + sealed).hex()}
    full = head(5_000_000) + HEART
    return [
        frame('one_heart_rate', 'bed-7', 1, 1, 1, full),
        frame('extremes', '0' * 32, 65535, 2**32 - 1, 2**32 - 1, head(0)),
        frame('long', 'a.b_c-d', 0, 258, 65536, head(5_000_000) + ECG * 9),
        frame('bad_version', 'bed-7', 1, 1, 1, full, version=2),
        frame('bad_kind', 'bed-7', 1, 1, 1, full, kind=2),
        frame('bad_boot_0', 'bed-7', 1, 0, 1, full),
        frame('bad_sequence_0', 'bed-7', 1, 1, 0, full),
        frame('bad_node_name', 'Bed 7', 1, 1, 1, full),
    ]


def answers():
    def answer(name, time, boot, sequence, missing, refused, tail=b'', version=1, kind=1):
        nonce = bytes((7 * len(name) + i) % 256 for i in range(24))
        ranges = b''.join(
            struct.pack('<B', len(some)) + b''.join(struct.pack('<II', *pair) for pair in some)
            for some in (missing, refused))
        plain = struct.pack('<BBqII', version, kind, time, boot, sequence) + ranges + tail
        sealed = nonce + seal_x(DOWN, nonce, b'bed-7', plain)
        return {'name': name, 'node': 'bed-7', 'downKey': DOWN.hex(), 'nonce': nonce.hex(),
                'answer': {'gatewayTimeMs': time, 'boot': boot, 'sequence': sequence,
                           'missing': [{'first': a, 'last': b} for a, b in missing],
                           'refused': [{'first': a, 'last': b} for a, b in refused]},
                'sealed': sealed.hex()}
    t = 1_790_000_000_123
    many = [(2 * i + 1, 2 * i + 1) for i in range(33)]
    return [
        answer('all_settled', t, 1, 64, [], []),
        answer('nothing_settled', -1, 2**32 - 1, 0, [], []),
        answer('missing_and_refused', t, 3, 2**32 - 1, [(1, 1), (2, 2), (5, 9)],
               [(10, 10), (12, 2**32 - 1)]),
        answer('ranges_32', t, 3, 64, many[:32], []),
        answer('bad_ranges_33', t, 3, 80, many, []),
        answer('bad_boot_0', t, 0, 1, [], []),
        answer('bad_range_beyond', t, 3, 9, [(9, 10)], []),
        answer('bad_range_0', t, 3, 9, [(0, 1)], []),
        answer('bad_range_backwards', t, 3, 9, [(5, 4)], []),
        answer('bad_ranges_descend', t, 3, 9, [], [(4, 5), (1, 2)]),
        answer('bad_ranges_meet', t, 3, 9, [(1, 2), (2, 3)], []),
        answer('bad_missing_refused', t, 3, 9, [(1, 4)], [(4, 5)]),
        answer('bad_tail', t, 3, 9, [], [], tail=b'\0'),
        answer('bad_version', t, 3, 9, [], [], version=2),
        answer('bad_kind', t, 3, 9, [], [], kind=2),
        answer('bad_time', 2**53, 3, 9, [], []),
    ]


made = {'payload': payloads, 'envelope': envelopes, 'answer': answers}[sys.argv[1]]()
print('[\n' + ',\n'.join(json.dumps(vector) for vector in made) + '\n]')
