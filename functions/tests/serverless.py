"""serverless.yml as it is written."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


def read_serverless() -> dict[str, Any]:
    """Its content, in which !GetAtt and the like are text."""

    class Loader(yaml.SafeLoader):
        pass

    def as_written(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
        return f"!{suffix} {node.value}"

    Loader.add_multi_constructor("!", as_written)
    loaded: dict[str, Any] = yaml.load((ROOT / "serverless.yml").read_text(), Loader=Loader)
    return loaded
