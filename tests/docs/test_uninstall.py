"""docs/uninstall.md names the resources that the stack leaves behind, as the template has them."""

from __future__ import annotations

from tests.docs.pages import DOCS, code, rows, sections
from tests.infra.test_retained_resources import RETAINED

PAGE = sections(DOCS / "uninstall.md")
KEY = "StorageKeyBAA9457B"


def test_the_page_lists_exactly_the_resources_that_stay() -> None:
    listed = [code(row[0]) for row in rows(PAGE["What stays"])]
    assert listed == [[logical_id] for logical_id in RETAINED]


def test_the_page_forbids_to_delete_the_key_that_encrypts_managed_secrets() -> None:
    [key] = [row for row in rows(PAGE["What stays"]) if code(row[0]) == [KEY]]
    assert RETAINED[KEY] == "AWS::KMS::Key"
    assert "every managed secret" in key[2]
    assert "Never delete the KMS key" in PAGE["What must not be deleted"]


def test_the_example_of_a_file_of_resources_names_resources_that_stay() -> None:
    names = [name for name in RETAINED if name in PAGE["Reinstall"]]
    assert names[:2] == [KEY, "StorageLedger5E7CB2E3"]
