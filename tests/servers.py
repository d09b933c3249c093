"""Real servers for tests, on this machine only: PostgreSQL and an S3 bucket."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg2

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_folder() -> Path | None:
    """Return the folder of PostgreSQL's server programs, where there is one."""
    found = subprocess.run(
        [str(ROOT / "tools" / "find_postgres")], capture_output=True, text=True, check=False
    )
    return Path(found.stdout.strip()) if found.returncode == 0 else None


@dataclass(frozen=True)
class Postgres:
    """A running PostgreSQL server with one empty database, `litellm`."""

    programs: Path
    data: Path
    port: int

    @property
    def url(self) -> str:
        """The address as LiteLLM's DATABASE_URL gives it."""
        return f"postgresql://proxy@127.0.0.1:{self.port}/litellm"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c unix_socket_directories={self.data} -c timezone=Asia/Tokyo"
        )
        log = str(self.data / "server.log")
        self.run("pg_ctl", "-w", "-D", str(self.data), "-l", log, "-o", options, "start")

    def create_database(self) -> None:
        """Create the database; not every package brings createdb."""
        connection = psycopg2.connect(self.url.replace("/litellm", "/postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("create database litellm")
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server at once."""
        self.run("pg_ctl", "-w", "-D", str(self.data), "-m", "immediate", "stop")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs, not as root: initdb and postgres refuse that."""
        as_user = _server_user()
        # No pipes: the server inherits them and would hold them open.
        subprocess.run(
            [str(self.programs / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=str(self.data),
            **({"user": as_user.pw_uid, "group": as_user.pw_gid} if as_user else {}),
            timeout=60,
        )


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Run a PostgreSQL server in a folder of its own; raise FileNotFoundError without programs."""
    programs = postgres_folder()
    if programs is None:
        raise FileNotFoundError("PostgreSQL's server programs; run tools/install_system postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    try:
        if user := _server_user():
            os.chown(folder, user.pw_uid, user.pw_gid)
        server = Postgres(programs, folder, free_port())
        server.run("initdb", "-D", str(folder), "-U", "proxy", "-A", "trust", "-E", "UTF8", "-N")
        server.start()
        try:
            server.create_database()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> pwd.struct_passwd | None:
    """Return whom the server runs as where this process is root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise OSError("neither user postgres nor nobody exists to run PostgreSQL")


@contextmanager
def bucket_server(bucket: str) -> Iterator[str]:
    """Run an S3 server with one empty bucket; give its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        # The server forgets nothing by itself: its state is the process's.
        urlopen(Request(f"{address}/moto-api/reset", method="POST")).close()
        import s3fs

        s3fs.S3FileSystem(
            endpoint_url=address, key="test", secret="test", skip_instance_cache=True
        ).mkdir(bucket)
        yield address
    finally:
        server.stop()
