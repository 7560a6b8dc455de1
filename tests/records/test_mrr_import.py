"""MRR files: good lines are taken, bad ones told with their number, and the same file twice changes nothing."""

import io
import json
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from records import mrr_incoming
from records.mrr_lines import BadLine, MrrLine, read_csv, read_json_lines
from records.refusal import Refused
from records.tables import imports, jobs, mrr, mrr_corrections
from tests.records.making import NOW, day, rows
from tests.records.mrr_files import HEADING, PRESENT, accounts, load


def months(engine: Engine) -> dict[tuple[str, str], tuple[int, int]]:
    return {(row["account"], row["month"]): (row["email_cents"], row["sms_cents"]) for row in rows(engine, mrr)}


def figures(report: Any) -> tuple[int, int, int, int]:
    return report.taken, report.corrected, report.unchanged, report.refused


def test_a_file_is_taken_and_the_same_again_changes_nothing(engine: Engine) -> None:
    accounts(engine, a1=None, b2="shop.example")
    lines = ("a1,2026-01,100.50,0", "b2,2026-01,7,20.05", "a1,2026-02,99.99,0.5")
    report, refused = load(engine, *lines)
    assert (figures(report), refused) == ((3, 0, 0, 0), [])
    everything = {table.name: rows(engine, table) for table in (mrr, mrr_corrections, imports)}
    assert months(engine) == {
        ("a1", "2026-01"): (10050, 0), ("b2", "2026-01"): (700, 2005), ("a1", "2026-02"): (9999, 50),
    }  # fmt: skip
    again, refused = load(engine, *reversed(lines), at=day(3))
    assert (figures(again), refused) == ((0, 0, 3, 0), [])
    assert {table.name: rows(engine, table) for table in (mrr, mrr_corrections, imports)} == everything


def test_a_corrected_month_replaces_and_leaves_an_audit_row(engine: Engine) -> None:
    accounts(engine, a1=None)
    first, _ = load(engine, "a1,2026-01,100,0", "a1,2026-02,50,0")
    second, _ = load(engine, "a1,2026-01,-20,5,yes", "a1,2026-02,50,0,", heading=f"{HEADING},correction", at=day(2))
    assert figures(second) == (0, 1, 1, 0)
    assert months(engine)["a1", "2026-01"] == (-2000, 500)
    (kept,) = rows(engine, mrr_corrections)
    assert kept == {
        "account": "a1", "month": "2026-01", "import_id": second.id, "replaced_at": day(2), "marked": True,
        "new_email_cents": -2000, "new_sms_cents": 500, "old_email_cents": 10000, "old_sms_cents": 0,
        "old_loaded_at": NOW, "old_import_id": first.id,
    }  # fmt: skip
    noted = {row["id"]: row for row in rows(engine, imports)}
    assert (noted[second.id]["corrected"], noted[second.id]["unchanged"], noted[second.id]["by"]) == (1, 1, "test")
    assert noted[second.id]["finished_at"] is not None
    loaded = {(row["month"]): (row["first_loaded_at"], row["loaded_at"]) for row in rows(engine, mrr)}
    assert loaded == {"2026-01": (NOW, day(2)), "2026-02": (NOW, NOW)}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("zz,2026-01,1,1", "The account zz is unknown; PUT /v1/client-accounts/zz enters it."),
        ("a1,2026-04,1,1", "«month» can't be 2026-04, which lies in the future: here it is 2026-03."),
        ("a1,1999-12,1,1", "«month» can't be 1999-12: no MRR is known from before 2000-01."),
        ("a1,2026-1,1,1", "«month» can't be «2026-1»: a month is written like 2027-01."),
        ("a1,2026-13,1,1", "«month» can't be «2026-13»: a month is written like 2027-01."),
        ("a1,2026-01,ten,1", "«email_mrr» can't be «ten»: dollars are written like 1234.50"),
        ('a1,2026-01,"1,50",1', "«email_mrr» can't be «1,50»: dollars are written like 1234.50"),
        ("a1,2026-01,1,1e3", "«sms_mrr» can't be «1e3»: dollars"),
        ("a1,2026-01,1,NaN", "«sms_mrr» can't be «NaN»: dollars"),
        ("a1,2026-01,1,\N{ARABIC-INDIC DIGIT ONE}", "«sms_mrr» can't be «\N{ARABIC-INDIC DIGIT ONE}»"),
        ("a1,2026-01,1.005,1", "two behind it"),
        ("a1,2026-01,1234567890,1", "at most nine digits"),
        ("a1,2026-01,-1,1", "«email_mrr» can't be -1.00: only a line marked as a correction may be below zero."),
        ("a1,2026-01,1,-0.01", "«sms_mrr» can't be -0.01: only a line marked"),
        ("a1,2026-01,1", "It has 3 cells, and the heading has 4."),
        ('"a1,2026-01,1,1', "It can't be read as CSV: unexpected end of data."),
        ("a 1,2026-01,1,1", "«account» can't be «a 1»: it is the account's public API key."),
        ("a1,2026-02,5,5", "a1 in 2026-02 stands in line 2 already."),
    ],
)
def test_a_bad_line_is_told_and_the_others_are_taken(engine: Engine, line: str, says: str) -> None:
    accounts(engine, a1=None, b2=None)
    report, refused = load(engine, "a1,2026-02,1,1", "", line, "b2,2026-02,1,1")
    assert figures(report) == (2, 0, 0, 1)
    assert refused[0].number == 4
    assert says in refused[0].reason
    assert set(months(engine)) == {("a1", "2026-02"), ("b2", "2026-02")}


def test_unusual_lines_mean_the_same(engine: Engine) -> None:
    accounts(engine, a1=None)
    report, refused = load(engine, '"2",,2026-01, a1 ,1.5', heading=" sms_mrr,correction, month,account,email_mrr")
    assert (figures(report), refused) == ((1, 0, 0, 0), [])
    assert months(engine) == {("a1", "2026-01"): (150, 200)}


@pytest.mark.parametrize("heading", ["", "account,month,email_mrr", f"{HEADING},mrr", f"{HEADING},month", "a;b"])
def test_another_heading_is_refused_as_a_whole(engine: Engine, heading: str) -> None:
    with pytest.raises(Refused, match="The first line names the columns account, month, email_mrr, sms_mrr"):
        load(engine, "a1,2026-02,1,1", heading=heading)
    assert rows(engine, mrr) == []


def as_json(**more: Any) -> str:
    return json.dumps({"account": "a1", "month": "2026-01", "email_mrr": 10.1, "sms_mrr": "2"} | more)


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (as_json(), MrrLine(1, "a1", "2026-01", 1010, 200, False)),
        (as_json(email_mrr=0.3, correction=False), MrrLine(1, "a1", "2026-01", 30, 200, False)),
        (as_json(email_mrr=-5, correction=True), MrrLine(1, "a1", "2026-01", -500, 200, True)),
        (as_json(email_mrr=-5), "«email_mrr» can't be -5.00: only a line marked as a correction may be below zero."),
        (as_json(email_mrr=None), "«email_mrr» must be there, as text or as a number."),
        (as_json(email_mrr=True), "«email_mrr» must be there, as text or as a number."),
        (as_json(correction="yes"), "«correction» must be true or false."),
        (as_json(mrr=3), "«mrr» is unknown here; possible are account, month, email_mrr, sms_mrr, correction."),
        (as_json(account="\ud800"), "«account» can't be «\ufffd»: it is the account's public API key."),
        ("[1]", "It is no JSON object with account, month, email_mrr, sms_mrr."),
        ("{", "It is no JSON."),
        ("[" * 100_000, "It is no JSON."),
    ],
)
def test_json_lines_mean_what_their_numbers_are_written_as(line: str, read: MrrLine | str) -> None:
    expected = BadLine(1, read) if isinstance(read, str) else read
    assert list(read_json_lines(io.StringIO(f"{line}\n\n"), present_month=PRESENT)) == [expected]


def test_a_large_file_goes_in_by_strips_and_duplicates_are_found_across_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mrr_incoming, "_FAR", mrr_incoming._FAR.limit(1).offset(6))
    names = [f"k{number:03}" for number in range(60)]
    accounts(engine, **dict.fromkeys(names[:-1]))
    lines = [f"{name},2026-{month:02},{month},0" for month in (1, 2) for name in reversed(names)]
    report, refused = load(engine, *lines, lines[5], lines[70])
    assert figures(report) == (118, 0, 0, 4)
    assert [line.number for line in refused] == [2, 62, 122, 123]
    assert refused[2].reason == "k054 in 2026-01 stands in line 7 already."
    assert len(months(engine)) == 118
    assert len(rows(engine, imports)) == 1
    assert [row["kind"] for row in rows(engine, jobs)] == ["look_at_standings"]


def test_two_imports_at_once_are_one_after_the_other(engine: Engine) -> None:
    accounts(engine, a1=None)
    load(engine, "a1,2026-01,1,0", at=day(5))
    load(engine, "a1,2026-01,2,0", at=day(4))
    load(engine, "a1,2026-01,3,0", at=day(9))
    replaced: list[tuple[datetime, datetime]] = sorted(
        (row["old_loaded_at"], row["replaced_at"]) for row in rows(engine, mrr_corrections)
    )
    assert replaced == [(day(5), day(5)), (day(5), day(9))]


def test_plain_and_other_lines_are_read_alike() -> None:
    lines = ["a1,2026-01,12.30,4", "a1,2026-02,0,0.05"]
    plain = io.StringIO("\r\n".join((HEADING, *lines)), newline="")
    other = io.StringIO("\n".join((f"{HEADING},correction", *(f"{line}," for line in lines))), newline="")
    expected = [MrrLine(2, "a1", "2026-01", 1230, 400, False), MrrLine(3, "a1", "2026-02", 0, 5, False)]
    for text in (plain, other):
        assert list(read_csv(text, present_month=PRESENT)) == expected
