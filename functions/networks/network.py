"""Open a network file once a process and run it on one thread."""

import hashlib
import importlib.util
import os
import platform
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.errors import AnalysisError
from functions.networks.manifest import NetworkEntry, network_entry

CPU_INFO = Path("/proc/cpuinfo")


class Network:
    """An opened ONNX file whose bytes are those of the manifest.

    Safe to run from several threads at once; each run works on its caller's thread alone,
    so the worker's thread count is the number of cores in use.
    """

    def __init__(self, *, name: str, path: Path, sha256: str) -> None:
        """Raises AnalysisError (not permanent) if onnxruntime cannot open the file."""
        # Half a second of import that a process which runs no network need not pay.
        # Else it reports to its maker, over the network, that it was opened.
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        self.name = name
        self.sha256 = sha256
        try:
            # By path: given bytes, the session would keep them for good.
            self._session = onnxruntime.InferenceSession(
                path, _session_options(onnxruntime), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors share no narrower base
            raise _failure("network_unusable", f"{name} cannot be opened: {error}") from error
        self.input_names = [value.name for value in self._session.get_inputs()]
        self.input_shapes = [list(value.shape) for value in self._session.get_inputs()]
        self.output_names = [value.name for value in self._session.get_outputs()]
        meta = self._session.get_modelmeta()
        self.metadata: Mapping[str, str] = dict(meta.custom_metadata_map)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Every output, in the file's order.

        Raises AnalysisError (not permanent: memory may be back at the next attempt).
        """
        try:
            outputs: list[NDArray[Any]] = self._session.run(None, dict(feeds))
        except Exception as error:  # onnxruntime's errors share no narrower base
            raise _failure("network_failed", f"{self.name} could not run: {error}") from error
        return outputs


def open_network(name: str) -> Network:
    """The network of that name, opened and checked the first time a process asks for it.

    Safe to call from several threads: the file is read once.
    Raises ManifestError for an unknown name; AnalysisError (not permanent) if the file is
    missing or is not what the manifest says.
    """
    entry = network_entry(name)
    path = entry.path()
    with _lock:
        lock = _locks.setdefault(path, threading.Lock())
    # A lock a file: two threads that need two networks open them side by side.
    with lock:
        network = _opened.get(path)
        if network is None:
            check_file(entry, path)
            network = _opened[path] = Network(name=name, path=path, sha256=entry.sha256)
    return network


def check_file(entry: NetworkEntry, path: Path) -> None:
    """Raises AnalysisError (not permanent) if the file is not the one of the manifest."""
    hint = "run `python -m functions.networks.fetch --verify`"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        detail = f"{entry.name} cannot be read ({error.strerror}: {path}); {hint}"
        raise _failure("network_missing", detail) from error
    if digest != entry.sha256:
        detail = f"{path} is not the {entry.name} of the manifest; {hint}"
        raise _failure("network_damaged", detail)


def digest_of(networks: list[str]) -> str:
    """The SHA-256 of each network's file, joined by "+": contract.Run.weights_sha256."""
    return "+".join(network_entry(name).sha256 for name in networks)


def require_finite(values: NDArray[np.floating[Any]]) -> None:
    """Raises AnalysisError if a network's answer holds what is no number.

    Compared with a threshold, that would look like nothing found.
    """
    if not np.isfinite(values.sum()):
        raise AnalysisError(
            stage="network",
            code="not_finite",
            detail="A network's answer to this photo is no number.",
            permanent=True,
        )


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def unit_length(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector's direction. A vector without one (all zeros) stays as it is."""
    length = np.linalg.norm(vector)
    scaled: NDArray[np.float32] = vector / length if length > 0 else vector
    return scaled


def _session_options(onnxruntime: Any) -> Any:
    """One thread, and one pool of memory for all networks of the process.

    Measured with two threads running all networks at changing sizes (peak MB, CPU seconds):
    a pool a network 752 and 2.43, no pool 715 and 2.57, pools emptied after each run 873 and
    3.03, one pool for all 551 and 2.38.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3  # errors; they are raised as well
    options.add_session_config_entry("session.use_env_allocators", "1")
    if adds_in_16_bits():
        options.add_session_config_entry("session.x64quantprecision", "1")
    # A memory plan is kept for every input size ever seen, and photos have many.
    options.enable_mem_pattern = False
    if importlib.util.find_spec("onnxruntime_extensions"):
        # Operators that split text into tokens, for image-text networks of the user's own.
        from onnxruntime_extensions import get_library_path

        options.register_custom_ops_library(get_library_path())
    _share_memory(onnxruntime)
    return options


def adds_in_16_bits() -> bool:
    """True on x86 without VNNI: sums of products of 8-bit numbers overflow there.

    There onnxruntime can do it in a way that takes longer and gives what other processors get;
    with VNNI that way would only be slower (17 ms instead of 11 for a line of text).
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        flags = CPU_INFO.read_text(encoding="ascii", errors="replace")
    except OSError:
        return True  # no Linux: rather slow than wrong
    return "vnni" not in flags


def _share_memory(onnxruntime: Any) -> None:
    global _memory_shared  # noqa: PLW0603 - onnxruntime's pool is the process's own
    with _lock:
        if not _memory_shared:
            cpu = onnxruntime.OrtMemoryInfo(
                "Cpu",
                onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR,
                0,
                onnxruntime.OrtMemType.DEFAULT,
            )
            onnxruntime.create_and_register_allocator(cpu, None)
            _memory_shared = True


def _failure(code: str, detail: str) -> AnalysisError:
    return AnalysisError(stage="network", code=code, detail=detail, permanent=False)


_lock = threading.Lock()
_locks: dict[Path, threading.Lock] = {}
_opened: dict[Path, Network] = {}
_memory_shared = False
