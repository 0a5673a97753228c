"""Read the arrays of a PyTorch checkpoint without PyTorch, and run nothing it holds.

The format is that of torch.save before version 1.6: five pickles in a row (magic number,
protocol, machine, the named arrays as views, the storages' keys), then every storage as its
length (8 bytes) and its numbers.
"""

import collections
import io
import pickle
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class CheckpointError(ValueError):
    """The bytes are no checkpoint of that format."""


@dataclass(frozen=True)
class _Storage:
    dtype: np.dtype[Any]
    key: str
    length: int


@dataclass(frozen=True)
class _View:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_state_dict(checkpoint: bytes) -> dict[str, NDArray[Any]]:
    """Every array by its name, in the file's order.

    Raises CheckpointError for anything but tensors of floats and integers in a dict.
    """
    stream = io.BytesIO(checkpoint)
    try:
        if _Unpickler(stream).load() != MAGIC:
            raise CheckpointError("not a checkpoint of the old format")
        _protocol, _machine = _Unpickler(stream).load(), _Unpickler(stream).load()
        views = _Unpickler(stream).load()
        keys = _Unpickler(stream).load()
        storages = {view.storage.key: view.storage for view in views.values()}
        numbers = {key: _read_storage(stream, storages[key]) for key in keys}
        return {name: _view(view, numbers[view.storage.key]) for name, view in views.items()}
    except (pickle.UnpicklingError, EOFError, AttributeError, KeyError, TypeError) as error:
        raise CheckpointError(f"not a readable checkpoint: {error}") from error


class _Unpickler(pickle.Unpickler):
    """Knows three harmless names; a pickle that asks for any other is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in DTYPES:
            return DTYPES[name]
        raise CheckpointError(f"the checkpoint asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, length, *_ = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise CheckpointError("the checkpoint holds something that is no storage")
        return _Storage(dtype, key, length)


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _View:
    return _View(storage, offset, shape, strides)


def _read_storage(stream: BinaryIO, storage: _Storage) -> NDArray[Any]:
    length = int.from_bytes(stream.read(8), "little")
    packed = stream.read(storage.length * storage.dtype.itemsize)
    if length != storage.length or len(packed) != length * storage.dtype.itemsize:
        raise CheckpointError("the checkpoint ends early")
    return np.frombuffer(packed, storage.dtype)


def _view(view: _View, numbers: NDArray[Any]) -> NDArray[Any]:
    """A copy of the strided view; bounds are checked, because as_strided does not."""
    if not view.shape:
        return np.array(numbers[view.offset])
    last = view.offset + sum(
        (size - 1) * stride for size, stride in zip(view.shape, view.strides, strict=True)
    )
    if view.offset < 0 or min(view.strides) < 0 or min(view.shape) < 1 or last >= len(numbers):
        raise CheckpointError("a tensor lies outside its storage")
    steps = [stride * numbers.itemsize for stride in view.strides]
    array = np.lib.stride_tricks.as_strided(numbers[view.offset :], view.shape, steps)
    return np.ascontiguousarray(array)
