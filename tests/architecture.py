"""The rules of the house as functions over a source tree, so that they run on small planted trees too.

Every rule takes a ``Tree`` and gives one sentence for each place that breaks it; no sentence means that it holds.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

CORE_FOR_ADAPTERS = re.compile(
    r"bot|bot\.(card|collect|digest|errors|ids|models|papers_json|ports|query|rank|signed|summary|talk|terminal|text|trend)"
    r"(\..*)?"
)
"""What an adapter may know of the core; ``bot`` itself holds the version."""
PURE = re.compile(r"bot\.(digest|due|errors|ids|match|models|query|rank|summarize|talk|text|trend)(\..*)?")
"""The pure steps; what they import from the core has to be pure with them."""
IMPURE = re.compile(r"(asyncio|httpx|io|logging|os|pathlib|random|socket|sqlite3|subprocess|threading|time)(\..*)?")
IMPURE_CALL = re.compile(r"open|input|print|(\w+\.)*(datetime|date)\.(now|utcnow|today)")
HOMES = {
    "apscheduler": "bot.schedule",
    "aiosmtplib": "adapters.chats.email",
    "discord": "adapters.chats.discord",
    "email_validator": "adapters.chats.email",
    "slack_bolt": "adapters.chats.slack",
    "slack_sdk": "adapters.chats.slack",
    "procrastinate": "adapters.queues.procrastinate",
    "psycopg": "adapters.stores.postgres",
    "psycopg_pool": "adapters.stores.postgres",
    "tinydb": "adapters.stores.tinydb",
}
"""The one place that may know a package."""
BROAD_EXCEPTS = {
    ("bot/cli/__init__.py", "main"): "the outermost frame of a command: a person gets a sentence",
    ("adapters/stores/tinydb/worker.py", "_attempt"): "a thread's outermost frame: the error goes to the caller",
    ("bot/asking.py", "asked"): "the outermost frame of a delivery: a bug costs one row",
    ("bot/desk/desk.py", "answer"): "the outermost frame of a request: a person gets a reference",
    ("bot/freeze.py", "_rendered"): "the outermost frame of planning: a bug costs one digest",
    ("bot/planning.py", "_frozen"): "the outermost frame of planning: a bug costs one digest",
    ("bot/schedule.py", "safely"): "the outermost loop of the process: a bug costs one tick",
}
BROAD = re.compile(r"\b(Base)?Exception\b")
MOCKS = {"mock", "pytest_mock", "unittest", "unittest.mock"}
PATCHES = {"monkeypatch.setattr", "monkeypatch.delattr"}
FILE_LINES, TEST_LINES, FUNCTION_LINES = 300, 330, 60


@dataclass(frozen=True)
class Module:
    """A Python file, parsed."""

    name: str
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_package(self) -> bool:
        return self.path.endswith("__init__.py")


@dataclass(frozen=True)
class Tree:
    """Every Python file under a root, by dotted name."""

    modules: Mapping[str, Module]

    def under(self, *tops: str) -> Iterator[Module]:
        return (module for module in self.modules.values() if module.name.partition(".")[0] in tops)

    def imports(self, module: Module) -> Iterator[tuple[int, str]]:
        """Give line and target of each import, wherever it stands; a name that is a module counts as that module."""
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = _base(module, node)
                names = [f"{base}.{alias.name}" for alias in node.names]
                yield from ((node.lineno, name if name in self.modules else base) for name in names)


Rule = Callable[[Tree], list[str]]


def read(root: Path) -> Tree:
    """Parse what is there; the folders that a checkout does not have stay out."""
    paths = [path for top in ("bot", "adapters", "tests", "bench") for path in sorted((root / top).rglob("*.py"))]
    modules = [_module(path.relative_to(root), path.read_text(encoding="utf-8")) for path in paths]
    return Tree({module.name: module for module in modules})


def _module(path: Path, text: str) -> Module:
    parts = path.with_suffix("").parts
    return Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path.as_posix(), text)


def _base(module: Module, node: ast.ImportFrom) -> str:
    """The module that ``from ... import`` names, with dots resolved."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    home = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*home, *([node.module] if node.module else [])])


def _inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def core_knows_no_adapter(tree: Tree) -> list[str]:
    """Nothing in bot/ imports adapters/, and only plugins.py writes its name."""
    broken = []
    for module in tree.under("bot"):
        broken += [f"{module.path}:{line} imports {to}" for line, to in tree.imports(module) if _inside(to, "adapters")]
        for node in ast.walk(module.tree) if module.name != "bot.plugins" else ():
            if isinstance(node, ast.Constant) and re.fullmatch(r"adapters\.[\w.]*", str(node.value)):
                broken.append(f"{module.path}:{node.lineno} names {node.value!r}")
    return broken


def adapters_know_ports_and_themselves(tree: Tree) -> list[str]:
    """An adapter imports a few modules of the core, its own package and private siblings, never another adapter."""
    return [
        f"{module.path}:{line} imports {to}"
        for module in tree.under("adapters")
        for line, to in tree.imports(module)
        if (_inside(to, "bot") and not CORE_FOR_ADAPTERS.fullmatch(to))
        or (_inside(to, "adapters") and not _own(module.name.split("."), to.split(".")))
    ]


def _own(here: list[str], to: list[str]) -> bool:
    """``adapters/_x``, a private module of the same port, or the adapter's own package."""
    shared = len(to) > 1 and to[1].startswith("_")
    sibling = to[:2] == here[:2] and (len(to) < 3 or to[2].startswith("_"))
    return shared or sibling or to[:3] == here[:3]


def no_import_goes_in_a_circle(tree: Tree) -> list[str]:
    """No cycles among modules, imports inside functions and for type checkers included."""
    graph = {
        module.name: {to for _, to in tree.imports(module) if to in tree.modules and to != module.name}
        for module in tree.under("bot", "adapters")
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" imports ".join(reversed(error.args[1]))]
    return []


def pure_modules_stay_pure(tree: Tree) -> list[str]:
    """The pure steps, and all of the core that they import, use no I/O, no clock and no chance."""
    broken = []
    for module in _pure(tree):
        calls = (ast.unparse(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call))
        found = [f"imports {to}" for _, to in tree.imports(module) if IMPURE.fullmatch(to)]
        found += [f"calls {call}" for call in calls if IMPURE_CALL.fullmatch(call)]
        broken += [f"{module.path} {what}" for what in found]
    return broken


def _pure(tree: Tree) -> list[Module]:
    """The modules named in PURE, and what they import from the core, and so on."""
    names = [module.name for module in tree.under("bot") if PURE.fullmatch(module.name)]
    for name in names:
        reached = {to for _, to in tree.imports(tree.modules[name]) if to in tree.modules and to != "bot"}
        names += sorted(to for to in reached if to.startswith("bot.") and to not in names)
    return [tree.modules[name] for name in names]


def a_package_is_known_in_one_place(tree: Tree) -> list[str]:
    """An SDK is imported by its adapter only, APScheduler by schedule.py only."""
    return [
        f"{module.path}:{line} imports {to}, which only {home} may"
        for module in tree.under("bot", "adapters")
        for line, to in tree.imports(module)
        if (home := HOMES.get(to.partition(".")[0])) and not _inside(module.name, home)
    ]


def files_and_functions_are_short(tree: Tree) -> list[str]:
    """No file over 300 lines (330 for tests), no function over 60."""
    broken = []
    for module in tree.modules.values():
        lines = module.text.count("\n")
        most = TEST_LINES if module.path.startswith("tests/") else FILE_LINES
        broken += [f"{module.path} has {lines} lines"] if lines > most else []
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                broken += [f"{module.path}:{node.lineno} {node.name} has {lines} lines"] * (lines > FUNCTION_LINES)
    return broken


def every_adapter_has_its_test(tree: Tree) -> list[str]:
    """For adapters/PORT/NAME there is a test_NAME*.py, or a folder of tests called NAME."""
    tests = {module.path for module in tree.under("tests")}
    names = {tuple(module.name.split(".")[1:3]) for module in tree.under("adapters") if module.name.count(".") > 1}
    return [
        f"adapters/{port}/{name} has no test"
        for port, name in sorted(names)
        if not name.startswith("_") and not any(re.search(rf"/{name}/test_|/test_{name}[_.]", path) for path in tests)
    ]


def broad_excepts_are_few(tree: Tree) -> list[str]:
    """``except Exception`` stands only where BROAD_EXCEPTS says, with its reason."""
    found = broad_excepts(tree)
    return [
        f"{path} catches everything in {name or 'the module'}"
        for path, name in found
        if (path, name) not in BROAD_EXCEPTS
    ]


def broad_excepts(tree: Tree) -> list[tuple[str, str]]:
    """Path and function of each place that catches or suppresses ``Exception`` or all there is."""
    return [
        (module.path, function)
        for module in tree.under("bot", "adapters")
        for function, node in _with_functions(module.tree, "")
        if _is_broad(node)
    ]


def _with_functions(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        yield function, child
        inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _with_functions(child, inner)


def _is_broad(node: ast.AST) -> bool:
    match node:
        case ast.ExceptHandler(type=None):
            return True
        case ast.ExceptHandler(type=caught) if caught:
            return bool(BROAD.search(ast.unparse(caught)))
        case ast.Call(func=func) if ast.unparse(func).endswith("suppress"):
            return bool(BROAD.search(ast.unparse(node)))
    return False


def every_ignored_type_names_its_code(tree: Tree) -> list[str]:
    """``# type: ignore`` says which error."""
    return [
        f"{module.path}:{token.start[0]} ignores every type error"
        for module in tree.modules.values()
        for token in tokenize.generate_tokens(io.StringIO(module.text).readline)
        if token.type == tokenize.COMMENT and re.search(r"#\s*type:\s*ignore(?!\[)", token.string)
    ]


def nothing_is_patched(tree: Tree) -> list[str]:
    """Fakes that work, servers that answer: nothing is patched."""
    broken = []
    for module in tree.under("tests"):
        broken += [f"{module.path}:{line} imports {to}" for line, to in tree.imports(module) if to in MOCKS]
        nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute))
        broken += [f"{module.path}:{node.lineno} patches" for node in nodes if ast.unparse(node) in PATCHES]
    return broken


RULES: tuple[Rule, ...] = (
    core_knows_no_adapter,
    adapters_know_ports_and_themselves,
    no_import_goes_in_a_circle,
    pure_modules_stay_pure,
    a_package_is_known_in_one_place,
    files_and_functions_are_short,
    every_adapter_has_its_test,
    broad_excepts_are_few,
    every_ignored_type_names_its_code,
    nothing_is_patched,
)
