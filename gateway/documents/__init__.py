"""Strict documents: YAML in, places and faults out, and the canonical bytes that are hashed.

Agreements, frameworks, source mappings and registers of offices are written by people and decide what leaves
the council, so a document is untrusted input. Here it becomes a tree in which every scalar is a string with its
line and column; a `Reader` types what it is asked for and collects every fault.

- Anchors, aliases, tags, directives, a second document, duplicate keys and unseen characters are refused.
- Size, depth and the number of parts are capped before anything is built.
- A fault says file, line, column and what is wanted; it never carries a value (law L8).

Pure: bytes come in, nothing is opened. What the keys mean is left to the callers, who turn faults into their
own error.
"""

from gateway.documents.canonical import canonical_json, canonical_texts, sha256_hex
from gateway.documents.reader import Reader
from gateway.documents.tree import Entry, Fault, Items, Node, Place, Table, Text, parse_tree, plain_of

__all__ = [
    "Entry",
    "Fault",
    "Items",
    "Node",
    "Place",
    "Reader",
    "Table",
    "Text",
    "canonical_json",
    "canonical_texts",
    "parse_tree",
    "plain_of",
    "sha256_hex",
]
