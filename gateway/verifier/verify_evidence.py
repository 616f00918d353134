"""Check evidence of a Supporting Families gateway on a machine that has no gateway.

One file: copy it (in the gateway it is gateway/verifier/verify_evidence.py) and run it with Python 3.11 or newer and
the package `cryptography`. It shares no code with the gateway, on purpose: it is a second reading of the formats that
docs/formats describes (proof.md, bundle.md, ledger-entry.md, checkpoint.md). It reads files and writes words.

    python3 verify_evidence.py FILE --key KEY [--witness KEY]... [--checkpoint FILE]...

FILE is a proof or a bundle, `-` for standard input. KEY is the public key of the county's log, as the county told it
to you on another way than FILE came. A checkpoint is what you kept from earlier: a recipient's, a witness's, on paper.

What it shows: that rows, lists and entries are those that the county signed, and that the log only grew. What nobody
can show so: that nothing was disclosed besides.

Ends with 0 where everything holds, 3 where it holds and something that was to be compared could not be, 4 where
something does not hold, 2 where it was not asked properly.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HOLDS, USAGE, OPEN, FAILS = 0, 2, 3, 4
PROOF, BUNDLE = "supporting-families-gateway/proof/1", "supporting-families-gateway/bundle/1"
EMPTY = hashlib.sha256(b"").digest()
SIGNS, COSIGNS = b"\x01", b"\x04"
#: What each bit of a row's fields says was told.
FIELDS = (
    "record_ref",
    "record_action",
    "surname",
    "forename",
    "date_of_birth",
    "nino",
    "postcode",
    "jcp_office",
    "lead_professional_name",
    "lead_professional_contact",
    "lead_professional_org",
    "need_housing",
    "need_health",
    "need_offending",
)
#: Of what is wrong in one list no more is said.
MOST_SAID = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DoesNotHold(Exception):
    """Something that the evidence promises is not so; the message is for the reader."""


@dataclass
class Report:
    """What is said, line by line, and how it ends."""

    say: Callable[[str], object]
    ends: int = HOLDS

    def holds(self, sentence: str) -> None:
        """Say what is proven."""
        self.say(f"holds       {sentence}")

    def open(self, sentence: str) -> None:
        """Say what could not be compared."""
        self.ends = max(self.ends, OPEN)
        self.say(f"NOT SHOWN   {sentence}")

    def fails(self, sentence: str) -> None:
        """Say what is wrong."""
        self.ends = FAILS
        self.say(f"DOES NOT    {sentence}")


# Trees: RFC 9162, sections 2.1.1, 2.1.3.2 and 2.1.4.2.


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that leaves are appended to."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf: as many whole subtrees are joined as the size ends in ones."""
        self._whole.append(leaf)
        joined = self.size
        while joined & 1:
            right = self._whole.pop()
            self._whole.append(node(self._whole.pop(), right))
            joined >>= 1
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves."""
        if not self._whole:
            return EMPTY
        root = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            root = node(left, root)
        return root


def root_from(path: list[bytes], leaf: bytes, index: int, size: int) -> bytes:
    """Return the root to which a path leads from a leaf."""
    if not 0 <= index < size or {len(each) for each in (leaf, *path)} != {len(EMPTY)}:
        raise DoesNotHold("a path begins outside its tree, or holds what is no hash")
    at, last, root = index, size - 1, leaf
    for other in path:
        if last == 0:
            raise DoesNotHold("a path is longer than its tree is high")
        if at & 1 or at == last:
            root = node(other, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = node(root, other)
        at, last = at >> 1, last >> 1
    if last:
        raise DoesNotHold("a path ends below the root of its tree")
    return root


def has_grown(path: list[bytes], old_size: int, old_root: bytes, new_size: int, new_root: bytes) -> bool:
    """Say whether a path shows that a tree begins with all leaves of an older one."""
    if {len(each) for each in path} - {len(EMPTY)}:
        return False
    if old_size >= new_size:
        same = (old_size, old_root) == (new_size, new_root)
        return same and not path and (old_size > 0 or old_root == EMPTY)
    if old_size == 0:
        return old_root == EMPTY and not path
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not hashes:
        return False
    old = new = hashes[0]
    for other in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(other, old), node(other, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, other)
        at, last = at >> 1, last >> 1
    return last == 0 and (old, new) == (old_root, new_root)


# Bytes have one spelling each: what was altered without being another value is found too.


def from_base64(text: str) -> bytes:
    """Return what base64 says."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise DoesNotHold("something is not base64 in its one form")
    return data


def from_hex(text: str) -> bytes:
    """Return what hexadecimal says."""
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise DoesNotHold("something is not hexadecimal in its one form")
    return data


# Keys, signed notes and checkpoints: docs/formats/checkpoint.md.


@dataclass(frozen=True)
class Key:
    """A public key, `name+id+base64(kind and key)`."""

    text: str
    name: str
    key_id: bytes
    public: bytes

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Say whether a signature over a message is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def read_key(text: str, kind: bytes) -> Key:
    """Read a public key of a kind."""
    name, _, rest = text.strip().partition("+")
    said, _, encoded = rest.partition("+")
    data = from_base64(encoded)
    key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if data[:1] != kind or len(data) != 33 or key_id.hex() != said:  # noqa: PLR2004 - a byte of kind, then the key
        raise DoesNotHold("a public key is of another kind than it has to be, or its id does not fit it")
    return Key(text.strip(), name, key_id, data[1:])


@dataclass(frozen=True)
class Checkpoint:
    """What a log was at a size, and everybody's signatures under it."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @property
    def called(self) -> str:
        """How it is named to the reader."""
        return f"the checkpoint of {self.size} entries"

    def is_signed_by(self, key: Key) -> bool:
        """Say whether a key signed it. Raises DoesNotHold for a signature in that key's name that is not its own."""
        found = [given for name, key_id, given in self.signatures if (name, key_id) == (key.name, key.key_id)]
        if any(not key.signed(self.text.encode(), given) for given in found):
            raise DoesNotHold(f"a signature of {key.name} under {self.called} is false")
        return bool(found)

    def cosigned_at(self, witness: Key) -> datetime | None:
        """Return when a witness co-signed it, if it did. Raises DoesNotHold where that signature is false."""
        for name, key_id, given in self.signatures:
            if (name, key_id) == (witness.name, witness.key_id):
                seconds, signature = int.from_bytes(given[:8]), given[8:]
                message = f"cosignature/v1\ntime {seconds}\n{self.text}".encode()
                if not witness.signed(message, signature):
                    raise DoesNotHold(f"the co-signature of {name} under {self.called} is false")
                return _EPOCH + timedelta(seconds=seconds)
        return None


def read_checkpoint(note: str) -> Checkpoint:
    """Read a signed checkpoint; nothing of it is believed yet."""
    text, blank, lines = note.rpartition("\n\n")
    match text.split("\n"):
        case [origin, size, root] if blank and re.fullmatch(r"0|[1-9][0-9]{0,18}", size, re.ASCII):
            hashed = from_base64(root)
            if len(hashed) == len(EMPTY):
                signatures = tuple(map(_signature, lines.removesuffix("\n").split("\n")))
                return Checkpoint(f"{text}\n", origin, int(size), hashed, signatures)
    raise DoesNotHold("a checkpoint has three lines, a blank one, and signatures")


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, encoded = line.split(" ")
    data = from_base64(encoded)
    if dash != "\N{EM DASH}":
        raise DoesNotHold("a signature begins with a long dash")
    return name, data[:4], data[4:]


@dataclass
class Keys:
    """The log's keys, each with the size from which on it signs."""

    periods: list[tuple[int, Key]]

    def hand_over(self, position: int, vkey: str) -> None:
        """Note the next key, which an entry names."""
        key = read_key(vkey, SIGNS)
        if key.name != self.periods[0][1].name or position <= self.periods[-1][0]:
            raise DoesNotHold(f"entry {position} hands the log to a key of another name, or out of its turn")
        self.periods.append((position, key))

    def require(self, checkpoint: Checkpoint) -> None:
        """Raise DoesNotHold unless the key of its size signed a checkpoint, and at a hand-over both."""
        begun = [period for period in self.periods if period[0] <= checkpoint.size]
        wanted = begun[-2:] if len(begun) > 1 and begun[-1][0] == checkpoint.size else begun[-1:]
        if checkpoint.origin != wanted[-1][1].name:
            raise DoesNotHold(f"{checkpoint.called} is of another log")
        if not all(checkpoint.is_signed_by(key) for _, key in wanted):
            raise DoesNotHold(f"{checkpoint.called} is not signed by the key that signed the log at that size")


@dataclass
class Asked:
    """What the reader brought: keys that they were told, and checkpoints that they kept."""

    key: str | None = None
    witnesses: list[Key] = field(default_factory=list)
    kept: list[Checkpoint] = field(default_factory=list)

    def judge_keys(self, keys: Keys, report: Report) -> None:
        """Say whether the log's keys lead from, or to, the one that the reader was told."""
        if self.key is None:
            report.open(
                "whose signature it is: no --key was given. Ask the county for the key of its log, by telephone"
            )
            report.say(f"            the file says: {keys.periods[-1][1].text}")
        elif self.key.strip() in {key.text for _, key in keys.periods}:
            report.holds(f"signed by {keys.periods[-1][1].name}, whose key you gave")
        else:
            report.fails("the key that you gave never signed this log, as far as this file says")

    def judge_witnesses(self, checkpoints: list[Checkpoint], report: Report) -> None:
        """Say which witnesses saw it, and up to where."""
        for witness in self.witnesses:
            seen = [(each, at) for each in checkpoints if (at := each.cosigned_at(witness)) is not None]
            if not seen:
                report.open(f"that {witness.name} saw it: no checkpoint here bears its co-signature")
                continue
            newest, at = max(seen, key=lambda each: each[0].size)
            report.holds(f"{witness.name} says that it saw {newest.called} at {at:%Y-%m-%d %H:%M:%S} UTC")


# Entries and rows: docs/formats/ledger-entry.md.


def read_entry(content: str, position: int | None = None) -> dict[str, Any]:
    """Read an entry; its bytes are what is hashed, so they must be in their one form."""
    entry = json.loads(content)
    again = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if again != content or entry["v"] != 1 or position not in {None, entry["position"]}:
        raise DoesNotHold(f"entry {position or entry['position']} is not in its form, or says another place")
    return dict(entry)


def entry_leaf(content: str) -> bytes:
    """Return the leaf of an entry."""
    return hashlib.sha256(b"\x00" + content.encode()).digest()


def row_leaf(reference: str, row: dict[str, Any], position: int) -> bytes:
    """Return the leaf of a row of evidence. Its columns have one width each, so that no byte can change columns."""
    name, subject, commitment = reference.encode(), row["subject_ref"].encode(), from_hex(row["commitment"])
    if (len(subject), len(commitment)) != (36, 32):
        raise DoesNotHold(f"row {position} of {reference} has columns of other widths than a row has")
    content = (
        b"\x00\x01"
        + len(name).to_bytes(2)
        + name
        + position.to_bytes(4)
        + subject
        + row["fields"].to_bytes(4)
        + row["factors"].to_bytes(4)
        + commitment
    )
    return hashlib.sha256(content).digest()


def told(fields: int) -> str:
    """Return what a row says was told."""
    names = [name for bit, name in enumerate(FIELDS) if fields >> bit & 1]
    more = fields >> len(FIELDS)
    return ", ".join(names) + (" and fields that this file does not know" if more else "")


# Proofs: docs/formats/proof.md.


def check_proof(proof: dict[str, Any], asked: Asked, report: Report) -> None:
    """Check a proof, step by step; the first step that fails ends it."""
    checkpoint = _checkpoint_in(proof)
    keys = Keys([(0, read_key(proof["first_key"], SIGNS))])
    for each in proof["hand_overs"]:
        _check_hand_over(each, checkpoint, keys)
    keys.require(checkpoint)
    kept = [checkpoint]
    match proof["proves"]:
        case "growth":
            kept += _check_growth(proof, checkpoint, keys, report)
        case "row":
            _check_row(proof, _check_entry(proof, checkpoint, report), report)
        case "entry":
            _check_entry(proof, checkpoint, report)
        case _:
            raise DoesNotHold("this version does not know what the file proves")
    report.holds(f"{checkpoint.called} of {checkpoint.origin} is signed by the key of its time")
    asked.judge_keys(keys, report)
    asked.judge_witnesses(kept, report)
    _compare_kept(asked, kept, keys, report)


def _checkpoint_in(document: dict[str, Any]) -> Checkpoint:
    return read_checkpoint("\n".join(document["checkpoint"]) + "\n")


def _path(document: dict[str, Any], name: str) -> list[bytes]:
    return [from_hex(each) for each in document[name]]


def _entry_in(document: dict[str, Any], checkpoint: Checkpoint) -> dict[str, Any]:
    entry = read_entry(document["entry"])
    root = root_from(
        _path(document, "entry_path"), entry_leaf(document["entry"]), entry["position"] - 1, checkpoint.size
    )
    if root != checkpoint.root:
        raise DoesNotHold(f"entry {entry['position']} is not in the log of {checkpoint.called}")
    return entry


def _check_entry(proof: dict[str, Any], checkpoint: Checkpoint, report: Report) -> dict[str, Any]:
    entry = _entry_in(proof, checkpoint)
    report.holds(f"entry {entry['position']} is in the log: {entry['event']} at {entry['at']} by {entry['actor']}")
    return entry


def _check_hand_over(given: dict[str, Any], newest: Checkpoint, keys: Keys) -> None:
    checkpoint = _checkpoint_in(given)
    entry = _entry_in(given, checkpoint)
    if entry["event"] != "log:key-changed" or entry["position"] != checkpoint.size:
        raise DoesNotHold(f"entry {entry['position']} does not hand the log to another key")
    grown = has_grown(_path(given, "growth_path"), checkpoint.size, checkpoint.root, newest.size, newest.root)
    if not grown:
        raise DoesNotHold(f"the log that entry {entry['position']} handed over is not this one")
    keys.hand_over(entry["position"], entry["body"]["vkey"])
    keys.require(checkpoint)


def _check_growth(proof: dict[str, Any], newer: Checkpoint, keys: Keys, report: Report) -> list[Checkpoint]:
    older = read_checkpoint("\n".join(proof["older"]) + "\n") if proof["older"] else None
    size, root = (older.size, older.root) if older else (0, EMPTY)
    if older:
        keys.require(older)
    if not has_grown(_path(proof, "growth_path"), size, root, newer.size, newer.root):
        raise DoesNotHold(f"the log of {newer.size} entries does not begin with that of {size} entries")
    report.holds(f"the log only grew, from {size} to {newer.size} entries: nothing before was changed or removed")
    return [older] if older else []


def _check_row(proof: dict[str, Any], entry: dict[str, Any], report: Report) -> None:
    row, sealed = proof["row"], entry["body"]
    if entry["event"] != "disclosure:list:sealed" or sealed["list"] != row["list"]:
        raise DoesNotHold(f"entry {entry['position']} did not seal {row['list']}")
    leaf = row_leaf(row["list"], row, row["position"])
    if root_from(_path(proof, "list_path"), leaf, row["position"] - 1, sealed["people"]).hex() != sealed["root"]:
        raise DoesNotHold(f"row {row['position']} is not on {row['list']} as it was sealed")
    report.holds(f"row {row['position']} of {sealed['people']} is on {row['list']}, subject {row['subject_ref']}")
    report.holds(f"on the list stood: {told(row['fields'])}")
    report.holds(
        f"the list was for {sealed['partner']} on {sealed['window']}, under {sealed['agreement']} version "
        f"{sealed['version']}, statement {sealed['statement']}"
    )


def _compare_kept(asked: Asked, shown: list[Checkpoint], keys: Keys, report: Report) -> None:
    for kept in asked.kept:
        same = [each for each in shown if each.size == kept.size]
        if not same:
            report.open(f"whether it fits {kept.called} that you kept: ask for `gateway audit proof --consistency`")
            continue
        keys.require(kept)
        _compare(kept, same[0].root, report)


def _compare(kept: Checkpoint, root: bytes, report: Report) -> None:
    if kept.root == root:
        report.holds(f"{kept.called} that you kept is of this log")
    else:
        report.fails(f"{kept.called} that you kept is of ANOTHER log: two were signed. Keep both files")


# Bundles: docs/formats/bundle.md.


@dataclass
class Bundle:
    """A bundle while it is read; `roots` are the log's at the sizes that are `wanted`: those of the checkpoints."""

    asked: Asked
    report: Report
    keys: Keys
    references: list[str]
    checkpoints: list[Checkpoint] = field(default_factory=list)
    log: Tree = field(default_factory=Tree)
    wanted: set[int] = field(default_factory=set)
    roots: dict[int, bytes] = field(default_factory=dict)
    sealed: dict[str, dict[str, Any]] = field(default_factory=dict)
    purged: dict[str, dict[str, Any]] = field(default_factory=dict)
    restored: list[dict[str, Any]] = field(default_factory=list)
    told: int = 0
    last_at: str = ""
    rows: int = 0

    def read_log_line(self, line: dict[str, Any]) -> None:
        """Add the next entry, whole or as its leaf alone."""
        position = self.log.size + 1
        if line["position"] != position:
            raise DoesNotHold(f"entry {position} is not there")
        if "entry" in line:
            self._read_entry(line["entry"], position)
        leaf = entry_leaf(line["entry"]) if "entry" in line else _hash(line["leaf"])
        self.log.append(leaf)
        if self.log.size in self.wanted:
            self.roots[self.log.size] = self.log.root()

    def _read_entry(self, content: str, position: int) -> None:
        entry = read_entry(content, position)
        if entry["at"] < self.last_at:
            raise DoesNotHold(f"entry {position} is older than one before it")
        self.told, self.last_at = self.told + 1, entry["at"]
        match entry["event"]:
            case "disclosure:list:sealed":
                self.sealed[entry["body"]["list"]] = entry
            case "evidence:purged" if "list" in entry["body"]:
                self.purged[entry["body"]["list"]] = entry
            case "log:key-changed":
                self.keys.hand_over(position, entry["body"]["vkey"])
            case "database:restored":
                self.restored.append(entry)

    def judge_log(self) -> None:
        """Hold the log against its checkpoints and the reader's."""
        newest = max(self.checkpoints, key=lambda each: each.size, default=None)
        if newest is None or newest.size != self.log.size:
            raise DoesNotHold("the newest checkpoint does not count every entry of the log")
        for each in self.checkpoints:
            self._judge(each)
        self.report.holds(
            f"the log of {self.log.size} entries, {self.told} of them shown, is the one that {newest.origin} signed"
        )
        self.asked.judge_keys(self.keys, self.report)
        self.asked.judge_witnesses(self.checkpoints, self.report)
        for kept in self.asked.kept:
            if kept.size > self.log.size:
                self.report.open(f"whether it fits {kept.called} that you kept: this bundle was made before")
                continue
            self.keys.require(kept)
            if not self._is_lost(kept):
                _compare(kept, self.roots.get(kept.size, EMPTY), self.report)

    def _judge(self, checkpoint: Checkpoint) -> None:
        if checkpoint.size > self.log.size:
            raise DoesNotHold(f"{checkpoint.called} counts more entries than there are")
        self.keys.require(checkpoint)
        if not self._is_lost(checkpoint) and self.roots.get(checkpoint.size, EMPTY) != checkpoint.root:
            raise DoesNotHold(f"{checkpoint.called} is signed over another log than this one")

    def _is_lost(self, checkpoint: Checkpoint) -> bool:
        """Say whether an entry records that a restored database lost what a checkpoint counts, and tell so."""
        if self.roots.get(checkpoint.size, EMPTY) == checkpoint.root:
            return False
        for entry in self.restored:
            had, held, root = (entry["body"][name] for name in ("had", "held", "root"))
            if had < checkpoint.size < held or (checkpoint.size, checkpoint.root.hex()) == (held, root):
                self.report.holds(f"{checkpoint.called} counts entries that were lost; {entry['position']} records it")
                return True
        return False

    def check_list(self, line: dict[str, Any], rows: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        """Check the rows of one list; return the line behind them."""
        reference = line["list"]
        entry, tree, wrong = self.sealed.get(reference), Tree(), 0
        if entry is None or entry["position"] != line["sealed_by"]:
            raise DoesNotHold(f"no entry of this bundle sealed {reference}")
        behind = next(rows, None)
        while behind is not None and "row" in behind:
            problem = _row_problem(reference, behind, tree.size + 1)
            if problem and (wrong := wrong + 1) <= MOST_SAID:
                self.report.fails(f"{reference} row {behind['row']}: {problem}")
            tree.append(_hash(behind["leaf"]))
            behind = next(rows, None)
        self.rows += tree.size
        self._judge_list(reference, entry["body"], tree, wrong)
        return behind

    def _judge_list(self, reference: str, sealed: dict[str, Any], tree: Tree, wrong: int) -> None:
        if reference in self.purged:
            self._judge_purge(reference, sealed, self.purged[reference], tree)
        elif tree.size != sealed["people"]:
            self.report.fails(f"{reference}: {tree.size} rows, and {sealed['people']} were sealed")
        elif tree.root().hex() != sealed["root"]:
            self.report.fails(f"{reference}: its rows are not those that were sealed")
        elif wrong:
            self.report.fails(f"{reference}: {wrong} of its {tree.size} rows do not say what was sealed")
        else:
            self.report.holds(f"{reference}: {tree.size} rows, for {sealed['partner']} on {sealed['window']}")

    def _judge_purge(self, reference: str, sealed: dict[str, Any], entry: dict[str, Any], tree: Tree) -> None:
        """Judge a list whose rows went at the end of their term: an entry says so, and none is left."""
        said, place = entry["body"], f"entry {entry['position']}"
        if (said["rows"], said["root"]) != (sealed["people"], sealed["root"]):
            self.report.fails(f"{reference}: {place} says that other rows were purged than those that were sealed")
        elif tree.size:
            self.report.fails(f"{reference}: {tree.size} rows, and {place} says that they were purged")
        else:
            self.report.holds(
                f"{reference}: its {said['rows']} rows went at the end of their term, kept until {said['kept_until']}; "
                f"{place} records it, and their number and root stand"
            )


def _hash(text: str) -> bytes:
    data = from_hex(text)
    if len(data) != len(EMPTY):
        raise DoesNotHold("a leaf is 32 bytes")
    return data


def _row_problem(reference: str, row: dict[str, Any], place: int) -> str | None:
    leaf = _hash(row["leaf"])
    if row["row"] != place:
        return f"it stands in place {place}"
    return None if row_leaf(reference, row, place) == leaf else "what it says does not give its leaf"


def check_bundle(first: dict[str, Any], lines: Iterator[dict[str, Any]], asked: Asked, report: Report) -> None:
    """Check a bundle, line by line."""
    bundle = Bundle(asked, report, Keys([(0, read_key(first["first_key"], SIGNS))]), list(first["lists"]))
    line = next(lines, None)
    while line is not None and "checkpoint" in line:
        bundle.checkpoints.append(_checkpoint_in(line))
        line = next(lines, None)
    bundle.wanted = {each.size for each in (*bundle.checkpoints, *asked.kept)}
    while line is not None and "position" in line:
        bundle.read_log_line(line)
        line = next(lines, None)
    bundle.judge_log()
    for reference in bundle.references:
        if line is None or line.get("list") != reference:
            raise DoesNotHold(f"the rows of {reference} are not there")
        line = bundle.check_list(line, lines)
    if line != {"end": True, "lists": len(bundle.references), "rows": bundle.rows} or next(lines, None) is not None:
        raise DoesNotHold("the bundle does not end where it says: it was cut, or something was added")


def check(lines: Iterator[str], asked: Asked, report: Report) -> None:
    """Check a proof, which is one document on several lines, or a bundle, which is a document a line."""
    first = next(lines, "")
    if first.startswith(f'{{"format":"{BUNDLE}"'):
        check_bundle(json.loads(first), map(json.loads, lines), asked, report)
        return
    proof = json.loads(first + "".join(lines))
    if proof["format"] != PROOF:
        raise DoesNotHold("this is neither a proof nor a bundle that this version knows")
    check_proof(proof, asked, report)


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names, and say so."""
    parser = argparse.ArgumentParser(description="Check evidence of a Supporting Families gateway.")
    parser.add_argument("file", help="a proof or a bundle; - reads standard input")
    parser.add_argument("--key", help="the public key of the county's log, as you were told it")
    parser.add_argument("--witness", action="append", default=[], help="the public key of a witness that you trust")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="one that you kept from earlier")
    given = parser.parse_args(arguments)
    report = Report(print)
    try:
        if given.key:
            read_key(given.key, SIGNS)
        asked = Asked(
            given.key,
            [read_key(each, COSIGNS) for each in given.witness],
            [read_checkpoint(each.read_text(encoding="utf-8")) for each in given.checkpoint],
        )
        with sys.stdin if given.file == "-" else Path(given.file).open(encoding="utf-8") as file:
            _check_lines(file, asked, report)
    except (OSError, ValueError, DoesNotHold) as error:
        parser.error(f"it cannot be read: {error}")
    verdicts = {HOLDS: "Everything holds.", OPEN: "What was compared holds; read what was NOT SHOWN."}
    report.say(verdicts.get(report.ends, "This evidence does NOT hold."))
    return report.ends


def _check_lines(file: Iterator[str], asked: Asked, report: Report) -> None:
    try:
        check(file, asked, report)
    except DoesNotHold as error:
        report.fails(str(error))
    # Whoever altered a file need not have kept its form.
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        report.fails("the file is not in the form that it names")


if __name__ == "__main__":
    sys.exit(main())
