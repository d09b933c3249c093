"""Faults of the machine: stopped runs, disks, damaged files, a second run, the clock."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.faults.scene import CannotBeMadeError, MissedError, Scene
from tests.system.world import COSTS_AND_USAGE, one_sentence

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


def _stop(scene: Scene, number: signal.Signals) -> str:
    process = scene.company.start()
    scene.wait()
    children = psutil.Process(process.pid).children() if process.poll() is None else []
    with suppress(ProcessLookupError):  # it may have ended by then
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    _, said = process.communicate(timeout=60)
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive
    assert "Traceback" not in said, said
    ended = process.returncode == 0
    if process.returncode == -signal.SIGTERM and not said:
        return "stopped while Python itself was starting"
    if number == signal.SIGTERM and not ended:
        assert process.returncode == 128 + number
        assert "run again" in said, said
    if ended:
        raise scene.missed()
    return said


def sigkill(scene: Scene) -> str:
    """Kill the run and all it started."""
    return _stop(scene, signal.SIGKILL)


def sigterm(scene: Scene) -> str:
    """Stop the run as a service manager does."""
    return _stop(scene, signal.SIGTERM)


def _mount(scene: Scene, spare: int) -> None:
    """Give the home a disk of its own with so many bytes to spare."""
    home, aside = scene.company.home, scene.company.folder / "aside"
    home.rename(aside)
    home.mkdir()
    used = sum(path.stat().st_size + 4096 for path in aside.rglob("*") if path.is_file())
    size = used + spare
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(home)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        home.rmdir()
        aside.rename(home)
        raise CannotBeMadeError(f"a disk cannot be mounted: {done.stderr.strip()}")
    scene.stack.callback(subprocess.run, ["umount", "--lazy", str(home)], check=True)
    shutil.copytree(aside, home, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(aside)


def _remount(scene: Scene, options: str) -> None:
    home = str(scene.company.home)
    subprocess.run(["mount", "-o", f"remount,{options}", home], check=True)


def disk_full(scene: Scene) -> str:
    """Let the home's disk run full somewhere in the run; then make it larger."""
    _mount(scene, scene.random.randrange(0, 24 << 20))
    done = scene.company.attempt("run")
    _remount(scene, "size=2g")
    if done.returncode == 0:
        raise MissedError("the disk sufficed")
    assert "No space left on device" in done.stderr, done.stderr
    assert "make room" in done.stderr, done.stderr
    return done.stderr


def read_only_home(scene: Scene) -> str:
    """Mount the home read-only; people go on reading."""
    _mount(scene, 64 << 20)
    _remount(scene, "ro")
    done = scene.company.attempt(scene.random.choice(["run", "load", "build", "rollback"]))
    assert done.returncode == 2, done.stderr
    said = one_sentence(done)
    assert "Read-only file system" in said
    assert "mount that disk for writing" in said
    scene.company.bursar("status")
    _remount(scene, "rw")
    return said


def two_runs_at_once(scene: Scene) -> str:
    """Start a second run while one is at work."""
    first = scene.company.start()
    lock = scene.company.home / "run.lock"
    while not (lock.exists() and lock.read_text() == str(first.pid)):
        assert first.poll() is None
        time.sleep(0.02)
    scene.wait(share=1 / 3)
    second = scene.company.attempt(scene.random.choice(["run", "load", "build", "compact"]))
    if second.returncode == 0 and first.poll() is not None:
        raise scene.missed()
    assert second.returncode == 2, second.stderr
    said = one_sentence(second)
    assert f"process {first.pid}" in said
    assert first.wait(120) == 0
    return said


def truncated_lake_file(scene: Scene) -> str:
    """Cut a file of the lake short; the doctor says which, and takes its loads back."""
    path = scene.random.choice(sorted((scene.company.home / "lake").rglob("*.parquet")))
    os.truncate(path, scene.random.randrange(path.stat().st_size))
    done = scene.company.attempt("run")
    if done.returncode:
        assert path.name in done.stderr, done.stderr
        assert "bursar doctor" in done.stderr, done.stderr
    found = scene.company.bursar("doctor", code=1)
    assert str(path) in found.stdout
    assert "--repair" in found.stdout
    scene.company.bursar("doctor", "--repair")
    scene.tables = COSTS_AND_USAGE
    return done.stderr or found.stdout


def corrupted_build_file(scene: Scene) -> str:
    """Spoil the build file: cut, overwritten here and there, or no database at all."""
    path = scene.company.home / "warehouse" / "build.duckdb"
    size = path.stat().st_size
    kind = scene.random.choice(["cut", "overwritten", "overwritten", "junk"])
    if kind == "cut":
        os.truncate(path, scene.random.randrange(size))
    elif kind == "junk":
        path.write_bytes(scene.random.randbytes(5000))
    else:
        with path.open("r+b") as file:
            for _ in range(scene.random.randrange(1, 30)):
                file.seek(scene.random.randrange(size))
                file.write(scene.random.randbytes(4096))
    done = scene.company.attempt("run")
    assert done.returncode == 0, done.stderr
    return kind


def jumping_clock(scene: Scene) -> str:
    """Load twice while the clock is days ahead or back; it is right again in the next run."""
    if not Path(FAKETIME).exists():
        raise CannotBeMadeError("libfaketime is not installed")
    jumps = [scene.random.choice([-400, -30, -1, 1, 40, 400]) for _ in range(2)]
    for days in jumps:
        # Threads wait by the monotonic clock, which a jump leaves alone.
        fake = {"FAKETIME": f"{days:+d}d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        scene.company.bursar("load", LD_PRELOAD=FAKETIME, **fake)
    scene.tables = COSTS_AND_USAGE
    return f"{jumps[0]:+d} and {jumps[1]:+d} days"
