from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

PREFIX = "/access-key-remediator"


@pytest.fixture
def names(bench: Workbench) -> tuple[str, str]:
    """One inside the prefix, one outside."""
    inside, outside = bench.name(f"{PREFIX}/switch"), bench.name("/other/switch")
    for name in (inside, outside):
        bench.client("ssm").put_parameter(Name=name, Value="off", Type="String")
    return inside, outside


def caller(bench: Workbench, *actions: str) -> Any:
    resource = f"arn:aws:ssm:us-east-1:{bench.aws.account}:parameter{PREFIX}/*"
    return bench.session(bench.key(bench.user(statement(list(actions), resource)))).client("ssm")


def test_a_parameter_is_read_and_overwritten_by_those_who_may(
    bench: Workbench, names: tuple[str, str]
) -> None:
    inside, outside = names
    mine = caller(bench, "ssm:GetParameter", "ssm:PutParameter")
    mine.put_parameter(Name=inside, Value="on", Overwrite=True)
    parameter = mine.get_parameter(Name=inside)["Parameter"]
    assert (parameter["Value"], parameter["Version"], parameter["Type"]) == ("on", 2, "String")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        mine.get_parameter(Name=outside)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        mine.put_parameter(Name=outside, Value="on", Overwrite=True)


def test_a_parameter_that_is_not_there_is_an_error_of_its_own(bench: Workbench) -> None:
    with pytest.raises(ClientError, match="ParameterNotFound"):
        caller(bench, "ssm:GetParameter").get_parameter(Name=f"{PREFIX}/none")


def test_several_parameters_are_read_where_each_may_be(bench: Workbench, names: tuple[str, str]) -> None:
    inside, outside = names
    mine = caller(bench, "ssm:GetParameters")
    answer = mine.get_parameters(Names=[inside, f"{PREFIX}/none"])
    assert [found["Value"] for found in answer["Parameters"]] == ["off"]
    assert answer["InvalidParameters"] == [f"{PREFIX}/none"]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        mine.get_parameters(Names=[inside, outside])


def test_the_parameters_below_a_path_are_read_where_the_path_may_be(
    bench: Workbench, names: tuple[str, str]
) -> None:
    mine = caller(bench, "ssm:GetParametersByPath")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        mine.get_parameters_by_path(Path="/other")
    assert mine.get_parameters_by_path(Path=f"{PREFIX}/deep")["Parameters"] == []
    found = bench.client("ssm").get_parameters_by_path(Path=PREFIX)["Parameters"]
    assert names[0] in {parameter["Name"] for parameter in found}
