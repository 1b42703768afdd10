"""A YAML file is read whole or refused with every fault at its line."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationFault
from core.yaml_file import load_yaml, read_yaml


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Door(Strict):
    id: str
    width: Annotated[int, Field(gt=0)] = 1
    kind: Literal["oak", "glass"] = "oak"


class House(Strict):
    name: str
    doors: list[Door] = []
    by_name: dict[str, Door] = {}
    front: Door | None = None
    at: str = Field(default="", alias="where")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "house.yaml"


def faults_of(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load_yaml(file, House)
    prefix = f"{file}:"
    assert all(fault.startswith(prefix) for fault in caught.value.faults)
    return [fault.removeprefix(prefix) for fault in caught.value.faults]


def test_a_file_without_faults_is_its_model(file: Path) -> None:
    file.write_text("name: Mill\ndoors:\n  - {id: a, width: 2}\n", encoding="utf-8")

    assert load_yaml(file, House) == House(name="Mill", doors=[Door(id="a", width=2)])


CASES: list[tuple[str, list[str]]] = [
    ("doors: []\n", ["1: name: field required. Add it."]),
    ("name: 12\n", ["1: name: input should be a valid string. Put it in quotes."]),
    ("# Mill\nname: M\ndors: []\n", ["3: “dors” is not known here. Did you mean “doors”?"]),
    ("name: M\nzz: 1\n", ["2: “zz” is not known here. Remove it, or use one of: name, doors, by_name, front, where."]),
    (
        "name: M\ndoors:\n  - id: a\n    width: 0\n  - kind: tin\n",
        [
            "4: doors.0.width: input should be greater than 0. Mend it.",
            "5: doors.1.id: field required. Add it.",
            "5: doors.1.kind: input should be 'oak' or 'glass'. Use one of these.",
        ],
    ),
    ("name: M\ndoors:\n  id: a\n", ["2: doors: input should be a valid list. Write it as a list, one “- ” a line."]),
    ("name: M\nfront:\n  id: a\n  widht: 2\n", ["4: “front.widht” is not known here. Did you mean “width”?"]),
    (
        "name: M\nby_name:\n  back: {id: a, colour: red}\n",
        ["3: “by_name.back.colour” is not known here. Remove it, or use one of: id, width, kind."],
    ),
    ("name: M\ndoors: [\noak]\n",
     ["3: doors.0: input should be a valid dictionary or instance of Door. Write it as “key: value” lines."]),
    ("", ["1: the file: input should be a valid dictionary or instance of House. Write it as “key: value” lines."]),
    ("name: M\nname: N\ndoors:\n  - {id: a, id: b}\n",
     ["2: “name” stands already on line 1. Remove one.", "4: “id” stands already on line 4. Remove one."]),
    ("name: [M\n", ["2: not YAML: expected ',' or ']', but got '<stream end>'. Mend this line."]),
    ("name: M\nat: 2026-02-30\n", ["1: not YAML: day is out of range for month. Mend this line."]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), CASES, ids=range(len(CASES)))
def test_every_fault_is_named_with_its_line_and_cure(file: Path, text: str, faults: list[str]) -> None:
    assert faults_of(file, text) == faults


def test_a_file_that_is_not_there_is_a_fault(file: Path) -> None:
    with pytest.raises(ConfigurationFault, match=r"house\.yaml:1: cannot be read"):
        load_yaml(file, House)


def test_a_file_that_is_not_text_is_a_fault(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationFault, match="Make it a readable UTF-8 file"):
        load_yaml(file, House)


class Shed(Strict):
    tool: int | str | Door
    note: int = 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("tool: {id: a, widht: 3}\n", "“tool.Door.widht” is not known here"),
        ("tool: a\nnote: {b: c}\n", ":2: note: input should be a valid integer"),
    ],
)
def test_a_place_that_the_file_does_not_have_falls_back_to_what_is_around_it(file: Path, text: str, fault: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load_yaml(file, Shed)

    assert fault in str(caught.value)


class Bag(BaseModel):
    model_config = ConfigDict(extra="forbid")


def test_where_no_key_is_known_the_cure_is_to_remove_it(file: Path) -> None:
    file.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationFault, match=r"“a” is not known here\. Remove it\.$"):
        load_yaml(file, Bag)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("doors:\n  - id: a\n  - id: b\n  - id: a\n", ["4: id “a” is taken by line 2. Choose another."]),
        ("doors:\n  - id: a\n  - id: [a]\n  - a\n  - {}\n", []),
        ("doors: {}\n", []),
        ("other: 1\n", []),
        ("- 1\n", []),
    ],
)
def test_repeated_values_in_a_list_are_faults(file: Path, text: str, faults: list[str]) -> None:
    file.write_text(text, encoding="utf-8")

    assert read_yaml(file).repeated(["doors"], "id") == [f"{file}:{fault}" for fault in faults]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ([], 1),
        (["name"], 2),
        (["doors", 1, "id"], 5),
        (["doors", 7], 3),
        (["doors", "id"], 3),
        (["name", "deeper"], 2),
    ],
)
def test_the_line_of_a_place_is_found(file: Path, place: list[Any], line: int) -> None:
    file.write_text("# Mill\nname: M\ndoors:\n  - id: a\n  - id: b\n", encoding="utf-8")

    assert read_yaml(file).line(place) == line
