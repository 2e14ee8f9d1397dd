# SPDX-License-Identifier: Apache-2.0
"""Loads programs in Python that lie in folders whose names Python cannot import."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

TOP = Path(__file__).resolve().parents[2]


def load(file: str) -> ModuleType:
    """The module in `file`, a path below the project's own folder."""
    name = "".join(c if c.isalnum() else "_" for c in file.removesuffix(".py"))
    spec = importlib.util.spec_from_file_location(name, TOP / file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
