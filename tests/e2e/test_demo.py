"""The demo as a newcomer meets it: started, killed, started again, toured, stopped."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STORY_SECONDS_MAX = 300
STOP_SECONDS_MAX = 120
OPEN = "The city stays open for you"
NOON = "Noon: 300 redemptions"
CLOSED = "the chain keeps every promise"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """One run of the demo in a process group of its own, its words in a file."""

    def __init__(self, home: Path, *words: str) -> None:
        self.words = home.with_suffix(".log")
        with self.words.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.demo", "--home", str(home), *words],
                cwd=ROOT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.words.read_text("utf-8")

    def wait_for(self, sentence: str) -> None:
        until = time.monotonic() + STORY_SECONDS_MAX
        while sentence not in self.said():
            assert self.process.poll() is None, self.said()[-4_000:]
            assert time.monotonic() < until, self.said()[-4_000:]
            time.sleep(0.2)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS_MAX)

    def exit_code(self) -> int:
        return self.process.wait(STORY_SECONDS_MAX)

    def close(self) -> None:
        """End it and its children, however its test went."""
        if self.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self.end(signal.SIGINT)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS_MAX)


def nodes_of(home: Path) -> list[str]:
    """Processes whose command line names this home: none may outlive the demo."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            line = b" ".join(words).decode(errors="replace")
            if str(home) in line and int(entry.name) != os.getpid():
                found.append(line)
    return found


def assert_nothing_is_left(home: Path) -> None:
    until = time.monotonic() + STOP_SECONDS_MAX
    while nodes_of(home) and time.monotonic() < until:
        time.sleep(0.1)
    assert nodes_of(home) == []


@pytest.fixture(scope="module")
def ports() -> tuple[str, ...]:
    return ("--port", str(free_port()), "--rpc-port", str(free_port()))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, ports: tuple[str, ...]) -> Iterator[Demo]:
    """A demo that has told its story and serves; ended by Ctrl-C."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "home", *ports)
    try:
        demo.wait_for(OPEN)
        yield demo
    finally:
        demo.close()


Start = Callable[..., Demo]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts demos that end with their test."""
    started: list[Demo] = []

    def one(home: Path, *words: str) -> Demo:
        started.append(Demo(home, *words))
        return started[-1]

    yield one
    for demo in started:
        demo.close()


@pytest.mark.timeout(STORY_SECONDS_MAX + 60)
def test_the_whole_story_adds_up_and_every_rule_has_spoken(served: Demo) -> None:
    said = served.said()
    assert CLOSED in said
    assert "all 27 on-chain rules have refused once; till and chain agree" in said
    assert re.search(r"0\.00  ส่วนต่าง", said)
    assert "0 differences" in said
    assert "burnt on the chain as its round 2" in said
    settlement = served.words.with_suffix("") / "settlement"
    assert {path.name for path in settlement.glob("*.xml")} == {
        f"{kind}-{number}.xml" for kind in ("payout", "answer") for number in (1, 2)
    }
    assert len(list((settlement / "statements").iterdir())) > 40


def tour() -> list[str]:
    """Every command of the README's tour, word for word, in order."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


@pytest.mark.timeout(STORY_SECONDS_MAX + 420)
def test_the_readmes_tour_works_word_for_word(served: Demo, tmp_path: Path) -> None:
    home = served.words.with_suffix("")
    commands = [command.replace(".nakhon/demo", str(home)) for command in tour()]
    assert len(commands) > 10
    script = tmp_path / "tour.sh"
    script.write_text("set -eux\n" + "\n".join(commands) + "\n", "utf-8")
    done = subprocess.run(
        ["bash", str(script)], cwd=ROOT, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    assert (home / "coupon.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.timeout(STORY_SECONDS_MAX)
def test_a_busy_port_is_a_sentence_with_what_to_do(start: Start, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        second = start(tmp_path / "home", "--port", port, "--rpc-port", str(free_port()))
        assert second.exit_code() == 1
    assert port in second.said()
    assert "Traceback" not in second.said()
    assert_nothing_is_left(tmp_path / "home")


@pytest.mark.timeout(2 * STORY_SECONDS_MAX)
def test_ctrl_c_stops_every_child_and_a_second_start_goes_on_serving(
    served: Demo, start: Start, ports: tuple[str, ...]
) -> None:
    home = served.words.with_suffix("")
    assert served.end(signal.SIGINT) in {0, 130}
    assert_nothing_is_left(home)
    again = start(home, *ports)
    again.wait_for(OPEN)
    assert NOON not in again.said(), "the story is told once"
    assert again.end(signal.SIGTERM) in {0, 143}
    assert_nothing_is_left(home)


@pytest.mark.timeout(2 * STORY_SECONDS_MAX)
def test_a_demo_killed_in_the_middle_starts_again_and_closes_the_account(
    start: Start, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    first = start(home, "--once")
    first.wait_for(NOON)
    first.end(signal.SIGKILL)
    second = start(home, "--once")
    assert second.exit_code() == 0, second.said()[-4_000:]
    assert CLOSED in second.said()
    assert_nothing_is_left(home)
