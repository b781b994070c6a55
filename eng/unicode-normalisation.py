#!/usr/bin/env python3
"""Makes the tables of src/Datanets/Normalisation from the Unicode Character Database of the running Python.

Usage: eng/unicode-normalisation.py FILE. The database is (c) Unicode, Inc., under the Unicode License v3.
"""
import sys
import unicodedata
import zlib


def integer(value):
    encoded = b""
    while value >= 128:
        encoded += bytes([value & 127 | 128])
        value >>= 7
    return encoded + bytes([value])


decompositions, classes, composites = {}, {}, {}
for code in range(0x110000):
    if 0xD800 <= code <= 0xDFFF or 0xAC00 <= code <= 0xD7A3:
        continue
    character = chr(code)
    expanded = unicodedata.normalize("NFKD", character)
    if expanded != character:
        decompositions[code] = [ord(part) for part in expanded]
    if unicodedata.combining(character):
        classes[code] = unicodedata.combining(character)
    mapping = unicodedata.decomposition(character)
    if mapping and not mapping.startswith("<"):
        parts = [int(part, 16) for part in mapping.split()]
        if len(parts) == 2 and unicodedata.normalize("NFC", character) == character:
            composites[code] = parts

table, previous = integer(len(decompositions)), 0
for code, parts in sorted(decompositions.items()):
    table += integer(code - previous) + integer(len(parts)) + b"".join(map(integer, parts))
    previous = code
table, previous = table + integer(len(classes)), 0
for code, combining in sorted(classes.items()):
    table += integer(code - previous) + integer(combining)
    previous = code
table, previous = table + integer(len(composites)), 0
for code, parts in sorted(composites.items()):
    table += integer(code - previous) + integer(parts[0]) + integer(parts[1])
    previous = code

deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
with open(sys.argv[1], "wb") as file:
    file.write(deflate.compress(table) + deflate.flush())
