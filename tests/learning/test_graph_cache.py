"""Graphs of an architecture are traced once on a machine, and what is exported is the same as without that."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from torch import nn

from osteon.learning.bundling import graph_cache, graph_template
from osteon.learning.bundling.graph_cache import exported_once, graph_folder
from osteon.learning.bundling.onnx_graph import exported

pytestmark = [
    pytest.mark.learn,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

OUTPUTS = ["values"]


class Small(nn.Module):
    """Layers that the exporter folds, an activation in place, a constant, and a head whose weights are equal at the start."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        layers = [nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU6(inplace=True), nn.AdaptiveAvgPool2d(1)]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(4, 3))
        self.register_buffer("scale", torch.tensor([1.0, 2.0, 3.0]), persistent=False)
        nn.init.normal_(self.layers[1].weight, 1.0, 0.1)
        nn.init.zeros_(self.layers[-1].bias)

    def forward(self, image: torch.Tensor) -> torch.Tensor:  # noqa: D102 - PyTorch's
        return self.layers(image) * self.scale


def images(number: int = 2, side: int = 8) -> torch.Tensor:
    return torch.randn(number, 1, side, side, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of graphs."""
    monkeypatch.setenv("OSTEON_GRAPHS", str(tmp_path / "graphs"))
    return tmp_path / "graphs"


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """What was traced; it is traced all the same."""
    seen: list[nn.Module] = []
    real = graph_template.traced

    def watched(module: nn.Module, example: torch.Tensor, outputs: list[str]) -> onnx.ModelProto:
        seen.append(module)
        return real(module, example, outputs)

    monkeypatch.setattr(graph_template, "traced", watched)
    return seen


def test_the_bytes_are_the_same_and_an_architecture_is_traced_once(folder: Path, traces: list[nn.Module]) -> None:
    first, second = Small(1), Small(2)
    alone = [exported(network, images(), OUTPUTS) for network in (first, second)]
    assert alone[0] != alone[1]
    assert [exported_once(network, "small", images(), OUTPUTS) for network in (first, second)] == alone
    assert traces == [first]
    assert first.layers[2].inplace, "the network is left as it was"
    plain = exported_once(second, "small", images(), OUTPUTS, optimise=False)
    assert len(onnx.load_from_string(plain).graph.node) > len(onnx.load_from_string(alone[1]).graph.node)
    assert traces == [first]
    with torch.inference_mode():
        expected = second.eval()(images(5)).numpy()
    for graph in (alone[1], plain):
        got = onnxruntime.InferenceSession(graph).run(OUTPUTS, {"image": images(5).numpy()})[0]
        assert np.abs(got - expected).max() < 1e-5
    # What is kept has no weights.
    (file,) = folder.iterdir()
    kept = onnx.load_from_string(file.read_bytes()[32:])
    assert {one.name for one in kept.graph.initializer if one.HasField("raw_data")}.isdisjoint(first.state_dict())


def test_whatever_makes_another_graph_has_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Small(1)

    def key(
        record: object = "small", side: int = 8, outputs: tuple[str, ...] = ("values",), module: nn.Module = network
    ) -> str:
        return graph_cache._key(module, record, images(side=side), list(outputs))

    wider = Small(1)
    wider.layers[-1] = nn.Linear(4, 5)
    assert key() == key(module=Small(2)), "weights make no difference"
    others = [
        key("another record"),
        key(side=9),
        key(outputs=("other",)),
        key(module=wider),
        key(module=network.layers),
    ]
    monkeypatch.setattr(graph_cache, "_makers", lambda: "of tomorrow")
    assert len({key(), *others}) == len(others) + 1
    monkeypatch.undo()
    assert key() not in others


def test_the_code_and_the_libraries_are_part_of_the_key() -> None:
    makers = graph_cache._makers()
    assert f"torch {torch.__version__.partition('+')[0]}" in makers
    assert tuple(word for word in makers.split()[:-1:2]) == graph_cache.LIBRARIES
    digest = hashlib.sha256()
    root = Path(graph_cache.__file__).parent.parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    assert makers.endswith(digest.hexdigest())


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:-7], id="cut off"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[:60] + bytes([content[60] ^ 1]) + content[61:], id="a flipped bit"),
    ],
)
def test_a_damaged_graph_is_made_anew(damage: Callable[[bytes], bytes], folder: Path) -> None:
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"a graph" * 9)
        return made[-1]

    assert graph_cache._kept("key", make) == graph_cache._kept("key", make) == made[0]
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert graph_cache._kept("key", make) == made[0]
    assert len(made) == 2
    assert file.read_bytes() == whole


def test_those_who_want_the_same_wait_for_the_one_that_traces_it(folder: Path) -> None:
    made: list[bytes] = []
    # Locks of files count for each opening of them, in one process as in several.
    begun, wanted = threading.Event(), threading.Event()

    def slow() -> bytes:
        begun.set()
        assert wanted.wait(30)
        return b"of the first"

    first = threading.Thread(target=lambda: made.append(graph_cache._kept("key", slow)))
    second = threading.Thread(target=lambda: made.append(graph_cache._kept("key", lambda: b"of the second")))
    first.start()
    assert begun.wait(30)
    second.start()
    second.join(0.1)
    assert second.is_alive()
    wanted.set()
    first.join(30)
    second.join(30)
    assert made == [b"of the first", b"of the first"]
    assert len(list(folder.iterdir())) == 1


def test_without_a_folder_it_is_traced_each_time_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("OSTEON_GRAPHS", str(tmp_path / "file" / "graphs"))
    with caplog.at_level(logging.WARNING):
        assert graph_cache._kept("key", lambda: b"first") == b"first"
        assert graph_cache._kept("key", lambda: b"second") == b"second"
    assert "cannot be kept" in caplog.text


def test_graphs_that_were_not_used_for_longest_are_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_cache, "KEPT", 2)
    names = [f"{number}.graph" for number in range(4)]
    for number in range(4):
        graph_cache._kept(str(number), lambda: b"a graph")
        assert (folder / names[number]).is_file()
        if number == 1:
            graph_cache._kept("0", lambda: b"not made")
    assert sorted(path.name for path in folder.iterdir()) == names[2:]


def test_the_folder_is_the_user_s_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTEON_GRAPHS")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert graph_folder() == Path("/somewhere/osteon/graphs")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert graph_folder() == Path.home() / ".cache" / "osteon" / "graphs"
