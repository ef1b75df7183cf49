"""No file names a package registry or a place on somebody's machine."""

import re
from pathlib import Path

from tests.repo.tree import ROOT, plant, shared_files

# Written in pieces, for this file is searched as well.
HOSTS = [("py" + "pi", "org"), ("python" + "hosted", "org"), ("npm" + "js", "com|org"),
         ("yarn" + "pkg", "com"), ("deb" + "ian", "org|net"), ("ubu" + "ntu", "com"),
         ("crates", "io"), ("ana" + "conda", "org|com"), ("proxy.go" + "lang", "org")]  # fmt: skip
HOST = re.compile("|".join(rf"\b{name}\.(?:{ends})\b" for name, ends in HOSTS))
PLACES = ("/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", "/wo" + "rk/", "/t" + "mp/", "/va" + "r/")
PLACE = re.compile(rf"(?<![\w.~$}}>-])(?:{'|'.join(PLACES)})|\b[A-Z]:\\\\?Us" + "ers")


def check_hosts(root: Path) -> list[str]:
    """Find registry hosts and machine paths in the files of the repository."""
    found = []
    for name in shared_files(root):
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or the like: nobody installs from it
        for number, line in enumerate(text.splitlines(), 1):
            if match := HOST.search(line):
                found.append(f"{name}:{number}: names the registry {match[0]}")
            if match := PLACE.search(line):
                found.append(f"{name}:{number}: names the machine path {match[0]}")
    return found


def test_no_file_names_a_registry_or_a_machine() -> None:
    assert check_hosts(ROOT) == []


def test_hosts_and_paths_are_caught(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "a.txt": f"--index-url https://{'py' + 'pi'}.org/simple\n",
            "b.py": f"path = '{'/ho' + 'me/'}someone/tree'\n",
            "c.sh": f"cd {'/t' + 'mp/'}x\n",
            "d.md": "See docs/work/plan.md, $ROOT/work/, https://example.org/home/page.\n",
        },
    )
    assert [line.partition(": ")[0] for line in check_hosts(tmp_path)] == [
        "a.txt:1",
        "b.py:1",
        "c.sh:1",
    ]
