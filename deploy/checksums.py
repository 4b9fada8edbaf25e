"""SHA-256 of every committed artifact, beside them: one altered byte stops a deployment."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger.chain.artifacts import ARTIFACTS_DIRECTORY
from ledger.errors import DeploymentMismatch

CHECKSUMS: Final = "SHA256SUMS"


def checksums_of(artifacts: Mapping[str, bytes]) -> bytes:
    """The checksum file of artifacts by contract name, as `sha256sum --check` reads it."""
    lines = (
        f"{hashlib.sha256(content).hexdigest()}  {name}.json\n"
        for name, content in sorted(artifacts.items())
    )
    return "".join(lines).encode()


def verify_artifacts(directory: Path = ARTIFACTS_DIRECTORY) -> None:
    """Return when the artifacts are those of the checksum file, byte for byte.

    Raises DeploymentMismatch naming the first contract that is missing, extra or altered.
    """
    present = {path.stem: path.read_bytes() for path in directory.glob("*.json")}
    stated = set((directory / CHECKSUMS).read_bytes().splitlines())
    found = set(checksums_of(present).splitlines())
    for line in sorted(stated ^ found):
        name = line.decode().split("  ")[-1].removesuffix(".json")
        raise DeploymentMismatch(contract=name, why="its artifact is not the committed one")
