"""The house rules: style, types, layers, sizes, generated files, wording, and documents that tell the truth."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from runner import __version__
from runner.catalogue import load
from runner.cli.docs import pages
from runner.cli.frame import PLACES
from runner.cli.help import COMMANDS, OPTIONS
from runner.schema import is_current
from runner.wording import blanks, sentences

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "runner").rglob("*.py"))
DOCUMENTS = sorted(
    [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "examples" / "README.md"],
)


def run(*line: str) -> str:
    """Run a tool of this environment; return what it printed when it found fault, else nothing."""
    done = subprocess.run([sys.executable, *line], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@cache
def tree(path: Path) -> ast.Module:
    """Parse one source file."""
    return ast.parse(path.read_text("utf-8"))


# --- style, types, layers --------------------------------------------------------------------------------


def test_style_holds() -> None:
    """Ruff finds nothing: every rule is on, each exception has its reason in pyproject.toml."""
    found = run("-m", "ruff", "check", "--quiet", "--output-format", "concise", ".")
    assert not found, found


def test_types_hold() -> None:
    """Mypy, strict, finds nothing in the package."""
    found = run("-m", "mypy")
    assert not found, found


def test_layers_hold() -> None:
    """Imports only go down, and nothing that plans or shows can reach the writer."""
    found = run("-c", "from importlinter.cli import lint_imports_command as run; run()")
    assert not found, found


# --- sizes -------------------------------------------------------------------------------------------------


def functions() -> list[tuple[int, str]]:
    """Return every function's length and place."""
    return [
        (node.end_lineno - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]


def test_functions_are_short() -> None:
    """Half of all functions fit in 10 lines, nine of ten in 30, every one in 60."""
    found = functions()
    sizes = sorted(size for size, _ in found)
    assert statistics.median(sizes) <= 10
    assert sizes[int(len(sizes) * 0.9)] <= 30
    assert [name for size, name in found if size > 60] == []


def test_files_are_short() -> None:
    """No source file is longer than 450 lines."""
    assert [str(path) for path in SOURCES if path.read_text("utf-8").count("\n") > 450] == []


def test_functions_are_annotated() -> None:
    """Every function says what it returns."""
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is None
    ]
    assert bare == []


def test_tests_use_servers_not_mocks() -> None:
    """Tests talk to fakes through the transport; nothing is patched."""
    patching = re.compile(r"unittest\.mock|\bmonkeypatch\.setattr|\bMagicMock\b")
    here = Path(__file__)
    others = [path for path in (ROOT / "tests").rglob("*.py") if path != here]
    assert [path for path in others if patching.search(path.read_text("utf-8"))] == []


# --- generated files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["schemas", "examples/.runner"])
def test_schemas_are_current(folder: str) -> None:
    """The schemas editors use are those of the catalogue: `runner schema --write FOLDER` renews them."""
    assert is_current(ROOT / folder, load())


def test_generated_pages_are_current() -> None:
    """`runner docs --write docs` renews them, from the catalogue, the simulator, shipped rules and the tests."""
    made = pages(ROOT)
    assert {name: (ROOT / "docs" / name).read_text("utf-8") for name in made} == made


# --- wording ---------------------------------------------------------------------------------------------------

#: functions whose first argument is a wording code
_SAYING = {"message", "word", "note", "say", "announce", "prove"}


def made() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield every wording code that stands in the source, where, and the facts given; None when they are not plain."""
    classes = [node for node in ast.walk(tree(ROOT / "runner" / "errors.py")) if isinstance(node, ast.ClassDef)]
    errors = {node.name for node in classes}
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and (code := _code(node, errors)):
                yield code, f"{path.relative_to(ROOT)}:{node.lineno}", _facts(node)


def _facts(call: ast.Call) -> set[str] | None:
    """Return the names of a call's facts; None when some come from elsewhere."""
    names = {one.arg for one in call.keywords}
    return None if None in names or "code" in names else {name for name in names if name}


def _code(call: ast.Call, errors: set[str]) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "Message":
        given = next((one.value for one in call.keywords if one.arg == "code"), None)
    elif name in _SAYING | errors and call.args:
        given = call.args[0]
    else:
        return None
    text = given.value if isinstance(given, ast.Constant) else None
    return text if isinstance(text, str) and re.fullmatch(r"[a-zA-Z0-9_.]+", text) else None


def test_every_code_can_be_said() -> None:
    """Every message the source makes has its sentence."""
    missing = sorted({f"{code} ({where})" for code, where, _facts in made() if code not in sentences()})
    assert missing == []


def test_every_sentence_gets_its_facts() -> None:
    """A message that is made with plain facts has all that its sentence needs."""
    lacking = [
        f"{where}: {code} lacks {', '.join(sorted(needed))}"
        for code, where, facts in made()
        if facts is not None and (needed := blanks(sentences().get(code, {"en": ""})["en"]) - facts)
    ]
    assert lacking == []


def test_both_languages_say_the_same() -> None:
    """Each sentence exists in Korean and English, with the same blanks."""
    uneven = [
        code
        for code, said in sentences().items()
        if set(said) != {"en", "ko"} or blanks(said["en"]) != blanks(said["ko"])
    ]
    assert uneven == []


def test_every_sentence_is_said_somewhere() -> None:
    """No code is left over: it stands in the source, or is put together there (`state_` and `done`)."""
    said = written()
    begun = {text for text in said if re.fullmatch(r"[a-z_.]+[_.]", text)}
    left = [
        code for code in sentences() if code.removesuffix(".hint") not in said and not _put_together(code, begun, said)
    ]
    assert left == []


def _put_together(code: str, begun: set[str], said: set[str]) -> bool:
    code = code.removesuffix(".hint")
    return any(code.startswith(start) and code.removeprefix(start) in said for start in begun)


def written() -> set[str]:
    """Return every text that stands in the source, whole, by its words, or as the beginning of one put together."""
    texts = {
        node.value
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    data = [path for path in (ROOT / "runner").rglob("*.yaml") if "wording" not in path.parts]
    told = {word for path in data for word in re.findall(r"[\w.]+", path.read_text("utf-8"))}
    return texts | told


def test_commands_and_options_are_explained() -> None:
    """Every command has its help: two sentences in each language, and an example that names it."""
    assert set(COMMANDS) == set(PLACES)
    for name, words in COMMANDS.items():
        assert words.example.startswith(f"runner {name}")
        assert words.en
        assert words.ko
    assert all(words.en and words.ko for words in OPTIONS.values())


# --- documents ---------------------------------------------------------------------------------------------------


def blocks(path: Path, *languages: str) -> list[str]:
    """Return the fenced blocks of these languages in a document."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [text for language, text in fenced if language in languages]


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_readme_begins_with_the_two_commands(name: str) -> None:
    """The first command runs the demo, the second the tests; each is one line for a fresh clone."""
    first, second = blocks(ROOT / name, "sh")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.strip().endswith("runner demo")
    assert second.strip().endswith("pytest -q -n auto --dist loadfile")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_commands_that_exist(path: Path) -> None:
    """Every `runner VERB` in a document is a command."""
    used = set(re.findall(r"(?<![\w-])runner ([a-z][a-z-]+)\b", "\n".join(blocks(path, "sh", "console", ""))))
    assert used - set(PLACES) == set()


def test_changelog_tells_of_this_version() -> None:
    """The newest heading of the change log is the version of the package."""
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__
