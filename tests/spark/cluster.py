"""A real Spark cluster on loopback: one master, two workers with a core each, a Connect server.

It runs the `pyspark` package of an environment of its own (`make parity` makes it), keeps all it
writes in one folder, and stops with what it started.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 120.0
WORKERS = 2
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


@dataclass(frozen=True)
class Cluster:
    """A running cluster: where clients connect, and its processes by role."""

    remote: str
    processes: dict[str, subprocess.Popen[bytes]]


@contextmanager
def spark_cluster(spark_home: Path, folder: Path) -> Iterator[Cluster]:
    """Run a cluster in a folder that must be new; raise RuntimeError where it does not come up."""
    folder.mkdir(parents=True)
    master, connect, *workers = free_ports(2 + WORKERS)
    address = f"spark://127.0.0.1:{master}"
    spark_class, processes = spark_home / "bin" / "spark-class", {}
    with ExitStack() as stack:

        def start(role: str, port: int, *arguments: str) -> None:
            command = [str(spark_class), *arguments]
            processes[role] = stack.enter_context(_process(command, spark_home, folder, role))
            _wait_for(port, processes[role], folder / f"{role}.log")

        start(
            "master", master, "org.apache.spark.deploy.master.Master",
            "--host", "127.0.0.1", "--port", str(master), "--webui-port", "0",
        )  # fmt: skip
        for number, port in enumerate(workers):
            start(
                f"worker{number}", port, "org.apache.spark.deploy.worker.Worker",
                "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0", "--cores", "1",
                "--memory", "2g", "--work-dir", str(folder / f"work{number}"), address,
            )  # fmt: skip
        settings = [f"--conf={name}={value}" for name, value in _settings(connect, folder).items()]
        start(
            "connect", connect, "org.apache.spark.deploy.SparkSubmit", "--master", address,
            "--driver-memory", "2g", "--class", CONNECT, *settings, "spark-internal",
        )  # fmt: skip
        yield Cluster(f"sc://127.0.0.1:{connect}", processes)


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on just now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]


def _settings(port: int, folder: Path) -> dict[str, str]:
    """Return what is the cluster's; how SQL behaves is set, and checked, by Bursar's sessions.

    A test has many small queries: compiling each of them costs more than it saves, in the JVM and
    in Spark. The catalog is in memory and goes with the server; a real one is a metastore.
    """
    light = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": light,
        "spark.driver.host": "127.0.0.1",
        "spark.executor.extraJavaOptions": light,
        "spark.executor.memory": "1g",
        "spark.local.dir": str(folder / "local"),
        "spark.locality.wait": "0",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
    }


@contextmanager
def _process(
    command: list[str], spark_home: Path, folder: Path, role: str
) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    environment = {**inherited, "SPARK_HOME": str(spark_home), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (folder / f"{role}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"{process.args} did not come up:\n{log.read_text()[-3000:]}")
