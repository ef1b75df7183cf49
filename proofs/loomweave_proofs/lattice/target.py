"""Finding what a command line names: `mymodule:MyLattice` or `path/to/file.py:MyLattice`."""

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from loomweave_proofs.lattice.subject import BadLattice


def find(target: str) -> object:
    """Import the module and return the class or function.

    Raises:
        BadLattice: it is not there; the message says what to do.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        raise BadLattice(f"{target!r} names no lattice; write module:Name or path/to/file.py:Name")
    module = load_file(Path(place)) if place.endswith(".py") else load_module(place)
    found: object = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise BadLattice(f"{place} has no {name}{offers(module)}")
        found = getattr(found, part)
    return found


def offers(module: ModuleType) -> str:
    """Say which classes of a module could be meant."""
    names = [
        name
        for name, item in vars(module).items()
        if isinstance(item, type) and hasattr(item, "join") and item.__module__ == module.__name__
    ]
    return (
        f"; with a join there are: {', '.join(names)}" if names else "; no class in it has a join"
    )


def load_module(name: str) -> ModuleType:
    """Import a module by its name; the folder that one stands in counts."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise BadLattice(
                f"there is no module {name}; run this where it can be imported, or give the path "
                "of its file"
            ) from None
        raise BadLattice(f"{name} imports {error.name}, which is not installed") from None
    except Exception as error:
        raise BadLattice(f"{name} cannot be imported: {type(error).__name__}: {error}") from None


def load_file(path: Path) -> ModuleType:
    """Import a file as a module of its own; its folder counts."""
    if not path.is_file():
        raise BadLattice(f"there is no file {path}; check the path")
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadLattice(f"{path} cannot be imported; rename it to end in .py")
    sys.path.insert(0, str(path.parent.resolve()))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadLattice(f"{path} cannot be imported: {type(error).__name__}: {error}") from None
    return module
