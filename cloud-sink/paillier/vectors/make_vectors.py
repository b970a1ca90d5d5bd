"""Vectors for Paillier's cryptosystem, made with Python's integers alone: nothing of cloud-sink/paillier is used.

    python3 make_vectors.py > paillier.json

Textbook formulas: c = (1 + N)^m * r^N mod N^2, decryption by Carmichael's function (Paillier 1999, section 4),
well-formedness after Goldberg et al. 2019 with the hash of modulus-proof.ts written out again. Everything comes from
one seed through SHA-256, so a second run gives the same file.
"""

import hashlib
import json
from math import gcd

SEED = b"vitalshare paillier vectors 1"


class Stream:
    def __init__(self, label):
        self.label, self.counter = label.encode(), 0

    def below(self, bound):
        width = (bound.bit_length() + 7) // 8
        while True:
            raw = b""
            while len(raw) < width:
                block = SEED + b"|" + self.label + b"|" + str(self.counter).encode()
                raw += hashlib.sha256(block).digest()
                self.counter += 1
            value = int.from_bytes(raw[:width], "big") & ((1 << bound.bit_length()) - 1)
            if value < bound:
                return value


def is_prime(n, stream):
    if any(n % d == 0 for d in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(40):
        x = pow(2 + stream.below(n - 3), odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(bits, stream):
    while True:
        p = stream.below(1 << bits) | (3 << (bits - 2)) | 3
        if is_prime(p, stream):
            return p


def decrypt(c, p, q):
    n = p * q
    lam = (p - 1) * (q - 1) // gcd(p - 1, q - 1)
    ell = lambda u: (u - 1) // n
    return ell(pow(c, lam, n * n)) * pow(ell(pow(1 + n, lam, n * n)), -1, n) % n


def roots(n, p, q, context):
    width = (n.bit_length() + 7) // 8
    head = b"vitalshare paillier modulus 1" + hashlib.sha256(context).digest() + n.to_bytes(width, "big")
    exponent = pow(n, -1, (p - 1) * (q - 1))
    proof = b""
    for i in range(8):
        raw = b"".join(hashlib.sha256(head + bytes([i, b])).digest() for b in range((width + 16 + 31) // 32))
        challenge = int.from_bytes(raw[: width + 16], "big") % n
        proof += pow(challenge, exponent, n).to_bytes(width, "big")
    return proof


def key(bits):
    stream = Stream(f"key {bits}")
    p, q = prime(bits // 2, stream), prime(bits // 2, stream)
    n, n2 = p * q, p * p * q * q
    assert n.bit_length() == bits and gcd(n, (p - 1) * (q - 1)) == 1
    cases = []
    for m in [0, 1, n - 1, (1 << 61) - 2, stream.below(n), stream.below(n)]:
        r = stream.below(n)
        c = pow(1 + n, m, n2) * pow(r, n, n2) % n2
        assert decrypt(c, p, q) == m
        cases.append({"m": hex(m), "r": hex(r), "c": hex(c)})
    a, b = int(cases[4]["c"], 16), int(cases[5]["c"], 16)
    k = stream.below((1 << 61) - 1)
    exponents = [stream.below((1 << 61) - 1) for _ in cases]
    product = 1
    for case, e in zip(cases, exponents):
        product = product * pow(int(case["c"], 16), e, n2) % n2
    total = sum(int(case["m"], 16) * e for case, e in zip(cases, exponents)) % n
    assert decrypt(product, p, q) == total
    return {
        "bits": bits,
        "p": hex(p),
        "q": hex(q),
        "n": hex(n),
        "cases": cases,
        "sum": {"c": hex(a * b % n2), "m": hex(decrypt(a * b % n2, p, q))},
        "scaled": {"k": hex(k), "c": hex(pow(a, k, n2)), "m": hex(decrypt(pow(a, k, n2), p, q))},
        "multi": {"exponents": [hex(e) for e in exponents], "c": hex(product), "m": hex(total)},
        "context": "Y29udGV4dA of a test",
        "proof": roots(n, p, q, b"Y29udGV4dA of a test").hex(),
    }


def modular_powers():
    stream = Stream("powers")
    rows = []
    for bits in (64, 512, 2048, 4096, 6144):
        for exponent_bits in (1, 61, 400, bits):
            modulus = stream.below(1 << bits) | (1 << (bits - 1)) | 1
            base, exponent = stream.below(modulus), stream.below(1 << exponent_bits)
            power = pow(base, exponent, modulus)
            rows.append({"b": hex(base), "e": hex(exponent), "m": hex(modulus), "r": hex(power)})
    return rows


print(json.dumps({"keys": [key(256), key(2048), key(3072)], "powers": modular_powers()}, indent=1))
