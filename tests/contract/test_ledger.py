"""What every ledger must do, whichever database keeps it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from runner.errors import Busy, NeedsAttention
from runner.ledger import LASTING, Asking, Ledger, Standing, Version, hold_lock
from runner.ledger.actions import Line
from runner.ledger.database import HEAD, upgrade
from runner.ledger.tables import metadata
from runner.model import Action, Member, Mode, Risk, Status, message

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
SHOP = "A00012345@sim"


@pytest.fixture(params=["file", "memory"])
def ledger(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ledger]:
    book = Ledger(tmp_path / "ledger.db" if request.param == "file" else None)
    yield book
    book.close()


def action(name: str = "a", *records: str, money: int | None = None) -> Action:
    keys = records or ("1",)
    return Action(
        id=name, rule="stop", account="main", record=keys[0], records=keys, operation="stop_shipment", place=0,
        arguments={"receiptId": 400000000000000001}, mode=Mode.AUTO, risk=Risk.IRREVERSIBLE,
        reason=message("reason_matched"), keys=tuple(f"{name}-{one}" for one in keys), fingerprint="f", money=money,
    )  # fmt: skip


def line(one: Action, counts: str = "") -> Line:
    return Line(action=one, arguments=one.arguments, seen=dict.fromkeys(one.keys, "seen"), counts=counts)


def claim(ledger: Ledger, *ones: Action, status: str = "planned", now: datetime = NOW) -> set[str]:
    return ledger.actions.claim([line(one) for one in ones], status, run=1, marketplace=SHOP, now=now)


def test_a_key_is_claimed_once(ledger: Ledger) -> None:
    """A second claim of the same key is refused while the first is not refused, expired or released."""
    assert claim(ledger, action()) == {"a"}
    assert claim(ledger, action()) == set()
    assert claim(ledger, replace(action(), id="b")) == set()


def test_all_keys_of_an_action_for_many_or_none(ledger: Ledger) -> None:
    """An action for many whose one member is taken claims nothing."""
    claim(ledger, action("a", "1"))
    both = replace(action("b", "1", "2"), keys=("a-1", "b-2"))
    assert claim(ledger, both) == set()
    assert "b-2" not in ledger.actions.claims(["b-2"])


def test_ids_keep_all_their_digits(ledger: Ledger) -> None:
    """Eighteen-digit ids come back as they went in."""
    claim(ledger, action())
    found = ledger.actions.get("a")
    assert found is not None
    assert found.action.arguments == {"receiptId": 400000000000000001}


def test_a_refused_key_may_be_claimed_again_and_remembers_its_tries(ledger: Ledger) -> None:
    """Planning decides when; the ledger counts."""
    for tries in (1, 2):
        claim(ledger, action())
        ledger.actions.ended("a", "refused", NOW, why=message("marketplace_said", said="no"))
        found = ledger.actions.claims(["a-1"])["a-1"]
        assert (found.status, found.tries) == ("refused", tries)


def test_members_end_differently(ledger: Ledger) -> None:
    """An action for many can be done while some of its records were refused."""
    claim(ledger, action("a", "1", "2"))
    refused = Member(record="2", status=Status.REFUSED, reason=message("marketplace_said", said="CIR08"))
    ledger.actions.ended("a", "done", NOW, verified=True, of=[refused])
    claims = ledger.actions.claims(["a-1", "a-2"])
    assert {key: one.status for key, one in claims.items()} == {"a-1": "done", "a-2": "refused"}


@pytest.mark.parametrize("ledger", ["file"], indirect=True)
def test_the_intent_is_there_before_the_call(ledger: Ledger) -> None:
    """`sent` commits status, progress, time and attempt; a fresh connection sees them."""
    claim(ledger, action())
    ledger.actions.sent({"a": {"step": 0, "phase": "sending"}}, NOW)
    again = Ledger(ledger.where)
    found = again.actions.get("a")
    again.close()
    assert found is not None
    assert (found.status, found.attempt, found.sent_at, found.progress["phase"]) == ("sent", 1, NOW, "sending")
    assert [one.name for one in ledger.actions.journal("a")] == ["planned", "sent"]


def test_limits_count_in_flight_and_unclear_lines(ledger: Ledger) -> None:
    """Refused and released lines give their share back; the others use it up."""
    claim(ledger, action("a", "1", money=100), action("b", "2", "3", money=50), action("c", "4"), action("d", "5"))
    ledger.actions.ended("a", "unclear", NOW)
    ledger.actions.ended("c", "refused", NOW)
    ledger.actions.released(["d"], NOW, message("never_sent"))
    used = ledger.actions.used("stop", "main", SHOP, NOW - timedelta(hours=1))
    assert (used.lines, used.won) == (3, 150)
    assert ledger.actions.used("stop", "main", SHOP, NOW + timedelta(hours=1)).lines == 0
    assert ledger.actions.used("stop", "main", "other", NOW - timedelta(hours=1)).lines == 0


def test_counters_count_actions(ledger: Ledger) -> None:
    """A coupon for two hundred options is one coupon."""
    ledger.actions.claim([line(action("a", "1", "2"), "coupons_per_day")], "planned", run=1, marketplace=SHOP, now=NOW)
    assert ledger.actions.used("stop", "main", SHOP, NOW).counters == {"coupons_per_day": 1}


def asking(name: str = "q1", why: str = "rule_asks") -> Asking:
    return Asking(
        id=name, marketplace=SHOP, account="main", rule="stop", reason=message(why), expires=NOW + timedelta(hours=1)
    )


def ask(ledger: Ledger, *ones: Action, name: str = "q1") -> None:
    ledger.actions.ask([line(one) for one in ones], asking(name), run=1, now=NOW)


def test_an_answer_counts_once_and_by_line(ledger: Ledger) -> None:
    """Approving one line leaves the other waiting; a second answer changes nothing."""
    ask(ledger, action("a", "1"), action("b", "2"))
    assert ledger.questions.answer(["a"], "approved", by="kim", now=NOW) == ["a"]
    assert ledger.questions.answer(["a"], "rejected", by="lee", now=NOW) == []
    assert [one.id for one in ledger.questions.having()] == ["q1"]
    assert ledger.questions.answer(["b"], "rejected", by="kim", now=NOW) == ["b"]
    assert ledger.questions.having() == []
    assert {one.action.id: one.status for one in ledger.actions.recent(9)} == {"a": "approved", "b": "rejected"}


def test_a_question_runs_out_and_frees_its_lines(ledger: Ledger) -> None:
    """After its time nobody can approve it, and its keys may be claimed anew."""
    ask(ledger, action("a", "1"))
    assert ledger.questions.expire(NOW) == []
    assert [one.id for one in ledger.questions.expire(NOW + timedelta(hours=1))] == ["q1"]
    assert ledger.questions.answer(["a"], "approved", by="kim", now=NOW) == []
    assert claim(ledger, action("a", "1")) == {"a"}


def test_questions_of_a_deleted_rule_are_withdrawn(ledger: Ledger) -> None:
    """Nobody can approve what no rule stands for."""
    ask(ledger, action("a", "1"))
    assert ledger.questions.withdraw(["stop"], NOW) == 1
    assert ledger.questions.having() == []


@pytest.mark.parametrize("ending", ["expire", "withdraw"])
def test_a_question_about_something_that_was_sent_never_frees_it(ledger: Ledger, ending: str) -> None:
    """It may have taken effect: sending it again is a person's decision, however long that takes."""
    ask(ledger, action("a", "1"), action("b", "2"))
    ledger.actions.sent({"a": {"phase": "sending"}}, NOW)
    ledger.actions.asked("a", asking("q1", "still_unclear"), NOW)
    if ending == "expire":
        assert ledger.questions.expire(NOW + timedelta(days=99)) == []
    else:
        assert ledger.questions.withdraw(["stop"], NOW) == 1
    assert [one.id for one in ledger.questions.having()] == ["q1"]
    assert (claim(ledger, action("a", "1")), claim(ledger, action("b", "2"))) == (set(), {"b"})
    assert ledger.questions.answer(["a"], "rejected", by="kim", now=NOW) == ["a"]
    assert ledger.questions.having() == []


def test_a_slot_runs_once(ledger: Ledger) -> None:
    """Two wake-ups for the same slot run it once."""
    assert ledger.time.take("stop", "main", NOW, NOW)
    assert not ledger.time.take("stop", "main", NOW, NOW)
    assert ledger.time.last("stop", "main") == NOW
    assert ledger.time.last("other", "main") is None


def test_holds_start_once_and_end_when_the_record_stops_matching(ledger: Ledger) -> None:
    """A record that stops matching starts anew."""
    later = NOW + timedelta(minutes=5)
    assert ledger.time.hold("r", "main", SHOP, ["1"], NOW) == {"1": NOW}
    assert ledger.time.hold("r", "main", SHOP, ["1", "2"], later) == {"1": NOW, "2": later}
    assert ledger.time.hold("r", "main", SHOP, ["2"], later) == {"2": later}
    assert ledger.time.hold("r", "main", SHOP, ["1"], later) == {"1": later}


def test_a_naive_time_is_refused(ledger: Ledger) -> None:
    """A time without a zone would be read differently on another machine."""
    with pytest.raises(sa.exc.StatementError):
        claim(ledger, action(), now=datetime(2026, 3, 3))  # noqa: DTZ001 - what is refused


def test_concurrent_claims_have_one_winner(tmp_path: Path) -> None:
    """Several processes plan the same line; one may send it."""
    where = tmp_path / "ledger.db"
    Ledger(where).close()
    won: list[set[str]] = []

    def try_it() -> None:
        book = Ledger(where)
        won.append(claim(book, action()))
        book.close()

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(map(len, won)) == [0, 0, 0, 0, 0, 1]


def test_the_schema_equals_all_migrations(tmp_path: Path) -> None:
    """Migrating an empty file gives exactly the tables of tables.py."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    Ledger(tmp_path / "ledger.db").close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    engine.dispose()


def test_a_newer_ledger_is_left_alone(tmp_path: Path) -> None:
    """An older program does not act on a ledger it does not understand."""
    where = tmp_path / "ledger.db"
    Ledger(where).close()
    engine = sa.create_engine(f"sqlite:///{where}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(NeedsAttention) as raised:
        Ledger(where)
    assert raised.value.code == "ledger_newer"


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    """A file that is no database is not acted on, and not overwritten."""
    where = tmp_path / "ledger.db"
    where.write_bytes(b"this is no database at all, only text" * 100)
    with pytest.raises(NeedsAttention) as raised:
        Ledger(where)
    assert raised.value.code == "ledger_damaged"
    assert where.read_bytes().startswith(b"this is no database")


def test_a_lock_names_what_it_guards(tmp_path: Path) -> None:
    """A second holder is told what is locked; the lock is free again afterwards."""
    where = tmp_path / "ledger.db"
    with hold_lock(where, "daemon", wait=0), pytest.raises(Busy) as raised, hold_lock(where, "daemon", wait=0):
        pass
    assert raised.value.facts["name"] == "daemon"
    with hold_lock(where, "daemon", wait=0):
        pass


def test_a_renamed_rule_keeps_its_identity(ledger: Ledger) -> None:
    """However often it is renamed, what was done under its first name is not done again."""
    ledger.actions.named([("first", "")])
    ledger.actions.named([("second", "first")])
    ledger.actions.named([("third", "second"), ("other", "")])
    assert [ledger.actions.identity(*one) for one in [("third", "second"), ("third", ""), ("other", "")]] == [
        "first", "first", "other",
    ]  # fmt: skip
    assert ledger.actions.identity("new", "third") == "first"
    claim(ledger, replace(action("a", "1", "2"), rule="first"))
    assert ledger.actions.used("first", "main", SHOP, NOW).lines == 2
    claim(ledger, replace(action("b", "3"), rule="third"))
    assert ledger.actions.used("first", "main", SHOP, NOW).lines == 3


def test_keys_come_back_beside_their_records(ledger: Ledger) -> None:
    """The order of an action's records is the order of its keys, whatever the keys are."""
    both = replace(action("a", "2", "1"), keys=("z", "y"))
    claim(ledger, both)
    found = ledger.actions.get("a")
    assert found is not None
    assert (found.action.records, found.action.keys) == (("2", "1"), ("z", "y"))


def test_answering_one_question_leaves_the_others_open(ledger: Ledger) -> None:
    """Also one whose lines another process attaches at this moment: both are one commit."""
    ask(ledger, action("a", "1"), name="q1")
    ask(ledger, action("b", "2"), name="q2")
    ledger.questions.answer(["a"], "approved", by="kim", now=NOW)
    assert [one.id for one in ledger.questions.having()] == ["q2"]


def test_a_question_without_lines_is_not_opened(ledger: Ledger) -> None:
    """Somebody else took them all."""
    claim(ledger, action("a", "1"))
    ask(ledger, action("a", "1"))
    assert ledger.questions.having() == []


def test_what_a_refused_action_made_counts_after_a_retry(ledger: Ledger) -> None:
    """A coupon whose options were refused exists; trying again makes another, and the limit of a day knows both."""
    made = line(action("a", "1"), "coupons_per_day")
    for n in (1, 2):
        ledger.actions.claim([made], "planned", run=n, marketplace=SHOP, now=NOW)
        ledger.actions.sent({"a": {"step": 1, "phase": "sending"}}, NOW)
        ledger.actions.ended("a", "refused", NOW, lasting=True)
        assert ledger.actions.claims(["a-1"])["a-1"].seen == LASTING
        assert ledger.actions.claim([made], "planned", run=9, marketplace=SHOP, now=NOW) == set()
        assert [one.action.id for one in ledger.actions.refused("a")] == ["a"]
        ledger.actions.retry("a", NOW)
        assert ledger.actions.claims(["a-1"]) == {}
        assert ledger.actions.used("stop", "main", SHOP, NOW).counters == {"coupons_per_day": n}


def test_the_copy_before_a_migration_is_whole(tmp_path: Path) -> None:
    """What still stands in the write-ahead log is in it; a copy that is there already is kept."""
    where, aside = tmp_path / "ledger.db", tmp_path / f"ledger.before-{HEAD}.db"
    engine = sa.create_engine(f"sqlite:///{where}")
    upgrade(engine, "0001")
    engine.dispose()
    with closing(sqlite3.connect(where)) as open_one:
        open_one.execute("PRAGMA journal_mode=WAL")
        book = Ledger(where)
        claim(book, action())
        book.close()
    with closing(sqlite3.connect(aside)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


def test_a_decision_that_stays_is_one_row(ledger: Ledger) -> None:
    """It is found in every run in between; another answer is another row; both are forgotten in time."""
    place = {"account": "main", "marketplace": SHOP}
    yes, doubt = {"answer": "yes"}, {"answer": "cannot_tell"}
    for run, facts in ((1, yes), (2, yes), (5, doubt), (6, yes)):
        at = NOW + timedelta(days=run)
        ledger.decisions.keep("stop", "v1", {"1": facts}, run=run, now=at, **place)
    told = [ledger.decisions.at("stop", "1", run, "main") for run in (1, 2, 3, 5, 6, 7)]
    assert [one and one.facts["answer"] for one in told] == ["yes", "yes", None, "cannot_tell", "yes", None]
    assert ledger.decisions.at("stop", "1", 1, "other") is None
    assert ledger.decisions.forget(timedelta(days=3), NOW + timedelta(days=6)) == 1
    assert ledger.decisions.at("stop", "1", 1, "main") is None


def test_texts_of_rules_are_kept_once(ledger: Ledger) -> None:
    """By fingerprint, with where they stood."""
    one = Version(fingerprint="f1", rule="stop", text='{"version": 1}', file="rules/a.yaml")
    ledger.versions.keep([one], NOW)
    ledger.versions.keep([replace(one, text="later"), replace(one, fingerprint="f2")], NOW)
    assert ledger.versions.get("f1") == one
    assert ledger.versions.get("f3") is None


def test_a_question_about_a_version_is_answered_once(ledger: Ledger) -> None:
    """It has no lines; it runs out like any other, and may be taken back."""
    question = {
        "id": "q1",
        "marketplace": SHOP,
        "account": "main",
        "rule": "stop",
        "expires_at": NOW + timedelta(days=1),
    }
    ledger.versions.ask(question, message("guard_enabled", lines=412), NOW)
    (asked,) = ledger.questions.having()
    assert (asked.kind, asked.lines, asked.reason.facts) == ("version", (), {"lines": 412})
    assert ledger.questions.decide("q1", "rejected", by="kim", now=NOW)
    assert not ledger.questions.decide("q1", "approved", by="lee", now=NOW)
    for name in ("q2", "q3"):
        ledger.versions.ask(question | {"id": name}, message("guard_enabled", lines=412), NOW)
    ledger.versions.take_back("q2", NOW)
    assert [one.id for one in ledger.questions.expire(NOW + timedelta(days=2))] == ["q3"]
    assert ledger.questions.having() == []


def test_standings_and_last_plans_replace_each_other(ledger: Ledger) -> None:
    """Each by rule and account."""
    first, second = Standing(fingerprint="f1", live=True, lines=3), Standing(fingerprint="f2", live=False)
    ledger.versions.stand({"stop": first, "ship": first}, "main", SHOP)
    ledger.versions.stand({"stop": second}, "main", SHOP)
    assert ledger.versions.standings("main", SHOP) == {"stop": second, "ship": first}
    assert ledger.versions.standings("other", SHOP) == {}
    for n in (1, 2):
        ledger.versions.planned({"stop": [{"record": str(n)}]}, "main", SHOP, NOW)
    assert [one.lines for one in ledger.versions.last_plans("main", SHOP).values()] == [({"record": "2"},)]
