"""What a seller sees before a rule acts, and why it did afterwards: funnels, differences, limits, past decisions."""

from __future__ import annotations

from typing import Any

from stage import COMPLETE, QUICK, STOP, Stage


def looked(document: Any, rule: str) -> Any:
    """Return the funnel of one rule."""
    return next(one for one in document["looked"] if one["rule"] == rule)


def kinds(document: Any) -> set[tuple[str, str]]:
    """Return the differences as (kind, record)."""
    return {(one["kind"], one["record"]) for one in document["differences"]}


def test_the_funnel_counts_line_by_line(stage: Stage) -> None:
    """Each line leaves so many, `unless` the last; what is left is what matches and what cannot be told."""
    document = stage.here("plan", *QUICK, "--json").json
    for rule in QUICK:
        one = looked(document, rule)
        left = [one["seen"], *(line["left"] for line in one["funnel"])]
        assert left == sorted(left, reverse=True)
        assert left[-1] == one["matched"] + one["doubts"]
    whole = looked(document, COMPLETE)
    assert (whole["seen"], whole["funnel"][0]["left"], whole["funnel"][-1]["left"]) == (71, 6, 4)
    assert whole["funnel"][0]["line"] is not None
    shown = stage.here("plan", COMPLETE, lang="ko").out
    assert "조회 71 → 6 → 4건 → 해당 3건" in shown
    assert "-65" in shown


def test_what_was_skipped_is_told_on_request(stage: Stage) -> None:
    """Each record with the line that said no and what was found there."""
    assert "skipped" not in stage.here("plan", STOP, "--json").json
    skipped = {one["record"]: one for one in stage.here("plan", STOP, "--skipped", "--json").json["skipped"]}
    assert skipped["400000103"]["reason"].startswith("not: createdAt at least 10 min ago (found: 20")
    assert skipped["400000104"]["reason"] == "not: shipped is not there (found: there is one)"
    assert "A condition said no to" in stage.here("plan", STOP, "--skipped").out


def test_limits_and_costs_are_told_before(stage: Stage) -> None:
    """What is used today counts what was done; the estimate has a write per line."""
    stage.here("run", STOP, "--json")
    stage.advance("10m")
    document = stage.here("plan", STOP, "--json").json
    (day,) = (one for one in document["limits"] if one["limit"] == "per_day")
    assert (day["most"], day["used"], day["planned"], day["left"]) == (100, 3, 1, 96)
    assert document["estimate"]["write"] == 1
    assert document["estimate"]["read"] >= 1


def test_what_changed_since_the_last_plan(stage: Stage) -> None:
    """The first has nothing to compare with; later ones tell what is new, gone, changed, and why."""
    assert "no earlier plan" in stage.here("plan", STOP, "--diff-last").out
    assert stage.here("plan", STOP, "--diff-last", "--detailed-exitcode").code == 0
    stage.advance("10m")
    again = stage.here("plan", STOP, "--diff-last", "--detailed-exitcode", "--json")
    assert (again.code, kinds(again.json)) == (2, {("new", "400000103")})
    stage.here("run", STOP)
    after = stage.here("plan", STOP, "--diff-last", "--json").json
    assert {kind for kind, _ in kinds(after)} == {"gone"}
    stage.edit("shipments.rules.yaml", "mode: auto", "mode: ask")
    stage.here("plan", COMPLETE)
    stage.edit("shipments.rules.yaml", "mode: ask", "mode: watch")
    changed = stage.here("plan", COMPLETE, "--diff-last", "--json").json
    assert {one["reason"] for one in changed["differences"]} == {"mode ask → watch"}


def test_what_an_edit_changes(stage: Stage) -> None:
    """The other version is planned on the same reads, with the files where they stand now."""
    old = stage.folder.parent / "old.yaml"
    old.write_text((stage.folder / "returns.rules.yaml").read_text("utf-8"), "utf-8")
    before = len(stage.requests())
    same = stage.here("plan", "--against", str(old), "--detailed-exitcode", "--json")
    reads = len(stage.requests()) - before
    assert (same.code, same.json["differences"]) == (0, [])
    assert reads <= 3
    stage.edit("returns.rules.yaml", "older_than: 10m", "older_than: 3h")
    edited = stage.here("plan", "--against", str(old), "--detailed-exitcode", "--json")
    assert (edited.code, kinds(edited.json)) == (2, {("gone", "400000101")})
    (line,) = edited.json["differences"]
    assert line["reason_code"] == "line_said_no_at"
    assert "빠짐" in stage.here("plan", "--against", str(old), lang="ko").out
    old.write_text("version: 1\nrules:\n  - nmae: x\n", "utf-8")
    bad = stage.here("plan", "--against", str(old))
    assert bad.code == 1
    assert "old.yaml:3" in bad.out + bad.err
    assert stage.here("plan", "--against", str(stage.folder / "none.yaml")).code == 2
    assert stage.here("plan", "--against", str(old), "--diff-last").code == 2


def test_explain_tells_look_ups_and_what_would_be_sent(stage: Stage) -> None:
    """The age of a file, and the line as it would leave."""
    stage.age("warehouse/shipped.csv", 2)
    told = stage.here("explain", STOP, "400000102", "--json").json
    (join,) = told["look_ups"]
    assert (join["join"], join["found"], join["asked"]) == ("shipped", 0, 2)
    assert 7100 < join["age_seconds"] < 7500
    assert told["would_send"][0]["arguments"]["cancelCount"] == 3
    stage.here("run", STOP)
    assert stage.here("explain", STOP, "400000102", "--json").json["actions"][0]["status"] == "done"


def test_a_past_run_is_explained_with_the_rule_of_then(stage: Stage) -> None:
    """The trace, masked, and the text; of records that a line said no to, the counts."""
    stage.here("run", STOP, COMPLETE)
    stage.edit("returns.rules.yaml", "older_than: 10m", "older_than: 3h")
    told = stage.here("explain", STOP, "400000101", "--run", "1", "--json").json
    assert (told["answer"], told["same_rule"]) == ("yes", False)
    assert "older_than: 10m" in told["rule_text"]
    assert [one["wanted"] for one in told["steps"][0]["parts"]][1] == "createdAt at least 10 min ago"
    assert told["actions"][0]["status"] == "done"
    doubt = stage.here("explain", STOP, "400000106", "--run", "1", "--json").json
    assert (doubt["answer"], doubt["reason_code"]) == ("cannot_tell", "field_empty")
    missed = stage.here("explain", STOP, "400000103", "--run", "1", "--json").json
    assert (missed["answer"], missed["left"][0]) == (None, 7)
    assert stage.here("explain", COMPLETE, "900000000000000204", "--run", "1", "--json").json["answer"] == "withheld"
    shown = stage.here("explain", STOP, "400000101", "--run", "1", lang="ko").out
    assert "그 뒤에 바뀌었습니다" in shown
    assert stage.here("explain", STOP, "400000101", "--run", "9").code == 2
    assert stage.here("explain", "none", "400000101", "--run", "1").code == 2
