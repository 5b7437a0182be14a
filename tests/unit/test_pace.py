from __future__ import annotations

import heapq
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from fake_market import NOW, Passing
from hypothesis import given
from hypothesis import strategies as st

from runner.coupang.pace import Pace, Priority, Row, State, Ticket, decide
from runner.errors import LockedOut, NeedsAttention

VENDOR = "A00012345@https://market.invalid"


@pytest.fixture
def passing() -> Passing:
    """Make a clock that stands still."""
    return Passing()


@pytest.fixture
def pace(tmp_path: Path, passing: Passing) -> Iterator[Pace]:
    """Open the table."""
    made = opened(tmp_path, passing)
    yield made
    made.close()


def opened(folder: Path, passing: Passing) -> Pace:
    """Open the table as one more process would."""
    return Pace(
        folder / "state" / "pace.db", ticks=passing.tick, now=lambda: passing.now().timestamp(), sleep=passing.sleep
    )


# --- the window ------------------------------------------------------------------------------------------------


def simulate(folder: Path, seed: int, rate: float, workers: int, longest_trip: float, calls: int) -> list[float]:
    """Let workers, each with its own handle on the table, call as fast as they may; return the arrival times.

    Time is virtual: the next event is the earliest one, so the result depends on the seed alone.
    """
    time, random = Passing(), Random(seed)  # noqa: S311 - a reproducible one
    handles = [opened(folder, time) for _ in range(workers)]
    begun = [random.random() / 10 for _ in range(workers)]
    queue: list[tuple[float, int, str, Ticket | None]] = [(at, n, "begin", None) for n, at in enumerate(sorted(begun))]
    left, arrivals = calls, []
    while queue:
        time.seconds, worker, event, ticket = heapq.heappop(queue)
        if event == "landed" and ticket:
            handles[worker].answered(ticket)
            event, ticket = "begin", None
        if event == "begin":
            if not left:
                continue
            left -= 1
            ticket, pause = handles[worker].line_up(VENDOR, rate, Priority(random.randrange(3)))
        elif ticket:
            pause = handles[worker].ask(ticket)
        if pause:
            # threads never wake up exactly on time
            heapq.heappush(queue, (time.seconds + pause + random.random() / 1000, worker, "ask", ticket))
            continue
        trip = random.random() * longest_trip
        arrivals.append(time.seconds + random.random() * trip)
        heapq.heappush(queue, (time.seconds + trip, worker, "landed", ticket))
    for handle in handles:
        handle.close()
    return sorted(arrivals)


def most_in_any_second(arrivals: list[float], window: float = 1.0) -> int:
    """Return how many arrived in the fullest second, both its ends included."""
    return max(sum(start <= at <= start + window for at in arrivals) for start in arrivals)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rate", "workers", "longest_trip"), [(4, 1, 0.3), (4, 6, 0.02), (4, 6, 3.0), (10, 12, 0.5)])
def test_never_more_than_the_rate_arrives_in_any_second(
    tmp_path: Path, seed: int, rate: int, workers: int, longest_trip: float
) -> None:
    """Whatever the way to the server takes, for several processes with threads that wake up late."""
    arrivals = simulate(tmp_path, seed, rate, workers, longest_trip, calls=50)
    assert len(arrivals) == 50
    assert most_in_any_second(arrivals) <= rate


@pytest.mark.parametrize("workers", [1, 4])
def test_short_trips_use_nearly_all_of_the_rate(tmp_path: Path, workers: int) -> None:
    """At least 90 % of what the marketplace allows, and 97 % where the way is 20 ms."""
    arrivals = simulate(tmp_path, 1, 4, workers, 0.02, calls=200)
    ideal = (200 - 4) / 4
    assert ideal / (arrivals[-1] - arrivals[0]) >= 0.97


def test_a_slow_rate_is_a_longer_window(tmp_path: Path) -> None:
    """Half a call a second is one call in two seconds."""
    arrivals = simulate(tmp_path, 3, 0.5, 2, 0.1, calls=10)
    assert most_in_any_second(arrivals, 2.0) == 1


# --- who goes first --------------------------------------------------------------------------------------------


def row(id: int, state: State, at: float, priority: int = Priority.BULK) -> Row:  # noqa: A002 - as the table has it
    """Make a call of this process."""
    return Row(id, os.getpid(), priority, state, at)


def ticket(id: int, priority: Priority = Priority.BULK) -> Ticket:  # noqa: A002 - as the table has it
    """Make a place in the queue."""
    return Ticket(id=id, vendor=VENDOR, rate=4, priority=priority)


def test_a_call_starts_while_there_is_room() -> None:
    """Three in flight or just answered leave room for the fourth."""
    rows = [row(1, State.IN_FLIGHT, 9.9), row(2, State.ANSWERED, 9.5), row(3, State.ANSWERED, 9.1)]
    assert decide(rows, ticket(4), 4, 10.0) == 0
    full = [*rows, row(4, State.IN_FLIGHT, 10.0)]
    assert decide(full, ticket(5), 4, 10.0) > 0


def test_a_call_waits_for_the_oldest_answer_to_leave_the_window() -> None:
    """Asked again when there is room, not before and not much later."""
    rows = [row(n, State.ANSWERED, 9.9 + n / 100) for n in range(4)]
    pause = decide(rows, ticket(9), 4, 10.7)
    assert pause == pytest.approx(0.205)


def test_the_check_of_an_effect_goes_before_a_poll() -> None:
    """With room for one, the poll leaves it to the check that waits, though it came later."""
    rows = [row(n, State.ANSWERED, 9.9) for n in range(3)]
    waiting = [row(4, State.WAITING, 9.9), row(5, State.WAITING, 9.95, Priority.EFFECT_CHECK)]
    assert decide(rows + waiting, ticket(4), 4, 10.0) > 0
    assert decide(rows + waiting, ticket(5, Priority.EFFECT_CHECK), 4, 10.0) == 0


@given(
    st.lists(st.tuples(st.sampled_from(list(State)), st.floats(0, 10), st.sampled_from(list(Priority))), max_size=12),
    st.floats(0.2, 50),
)
def test_a_waiting_call_is_never_told_zero_or_for_ever(calls: list[tuple[State, float, Priority]], rate: float) -> None:
    """A pause is positive and short enough to notice a lock-out or a better place."""
    rows = [row(n, *call) for n, call in enumerate(calls)]
    pause = decide(rows, ticket(99), rate, 10.0)
    assert pause == 0 or 0.001 <= pause <= 0.25


# --- lock-outs ---------------------------------------------------------------------------------------------------


def test_a_lock_out_holds_for_all_processes_and_survives_them(tmp_path: Path, passing: Passing, pace: Pace) -> None:
    """The table says it, not the process that was told."""
    assert pace.lock_out(VENDOR, 300, "rate").facts == {"vendor": "A00012345", "until": "2026-03-03T09:35:00+09:00"}
    pace.close()
    again = opened(tmp_path, passing)
    with pytest.raises(LockedOut), again.turn(VENDOR, 4):
        pytest.fail("nothing may be sent")
    assert again.lockout(VENDOR) == NOW + timedelta(minutes=5)
    assert again.status(VENDOR).waiting == 0
    passing.seconds = 301
    with again.turn(VENDOR, 4):
        assert again.lockout(VENDOR) is None
    again.close()


def test_a_lock_out_reaches_those_who_wait(pace: Pace) -> None:
    """Whoever stands in the queue when the 429 comes does not send."""
    tickets = [pace.line_up(VENDOR, 4)[0] for _ in range(5)]
    pace.lock_out(VENDOR, 300, "rate")
    with pytest.raises(LockedOut):
        pace.ask(tickets[-1])


def test_a_longer_lock_out_is_not_shortened(passing: Passing, pace: Pace) -> None:
    """A 429 in the middle of a block changes nothing."""
    pace.lock_out(VENDOR, 1800, "block")
    passing.seconds = 60
    pace.lock_out(VENDOR, 300, "rate")
    assert pace.lockout(VENDOR) == NOW + timedelta(minutes=30)


def test_after_a_lock_out_half_speed_applies_for_ten_minutes(passing: Passing, pace: Pace) -> None:
    """The marketplace is watching."""

    def seconds_for(calls: int) -> float:
        begun = passing.seconds
        for _ in range(calls):
            with pace.turn(VENDOR, 4):
                passing.seconds += 0.001
        return passing.seconds - begun

    pace.lock_out(VENDOR, 300, "rate")
    passing.seconds = 300.1
    assert seconds_for(9) == pytest.approx(4.0, rel=0.05)
    passing.seconds = 901
    assert seconds_for(9) == pytest.approx(2.0, rel=0.05)


def test_a_wall_clock_set_back_does_not_lock_a_vendor_out_for_days(passing: Passing, pace: Pace) -> None:
    """An end further away than any lock-out of ours cannot be one."""
    passing.seconds = 86_400.0 * 30
    pace.lock_out(VENDOR, 1800, "block")
    passing.seconds = 0
    locked = pace.lockout(VENDOR)
    assert locked is not None
    assert locked <= NOW + timedelta(hours=1)


def test_vendors_and_marketplaces_do_not_share_a_lock_out(pace: Pace) -> None:
    """The simulator's lock-out is not Coupang's."""
    pace.lock_out(VENDOR, 300, "rate")
    with pace.turn("A00012345@http://127.0.0.1:8765", 4):
        assert pace.lockout(VENDOR)


# --- what happens to owners ----------------------------------------------------------------------------------------


def dead_pid() -> int:
    """Return the id of a process that has ended."""
    finished = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    return int(finished.stdout)


@pytest.mark.skipif(os.name == "nt", reason="signal 0 is Ctrl-C on Windows; there the age decides")
def test_calls_of_a_process_that_was_killed_land_now(tmp_path: Path, passing: Passing, pace: Pace) -> None:
    """They may have arrived; those that only waited leave the queue."""
    for _ in range(5):
        pace.line_up(VENDOR, 4)
    with sqlite3.connect(tmp_path / "state" / "pace.db") as db:
        db.execute("UPDATE calls SET pid = ?", (dead_pid(),))
    db.close()
    assert pace.status(VENDOR).in_flight == 0
    assert pace.status(VENDOR).waiting == 0
    assert pace.status(VENDOR).answered == 4
    passing.seconds += 1.1
    assert pace.line_up(VENDOR, 4)[1] == 0


def test_a_call_longer_than_any_time_out_lands(passing: Passing, pace: Pace) -> None:
    """Its thread died without a word."""
    for _ in range(4):
        pace.line_up(VENDOR, 4)
    passing.seconds = 200
    assert pace.status(VENDOR).in_flight == 0


def test_a_restart_of_the_machine_does_not_stop_the_calls(passing: Passing, pace: Pace) -> None:
    """Its ticks begin at zero again: what was noted before counts as now, for a second."""
    passing.seconds = 1_000_000
    for _ in range(4):
        pace.answered(pace.line_up(VENDOR, 4)[0])
    passing.seconds = 5
    assert pace.line_up(VENDOR, 4)[1] > 0
    passing.seconds = 6.1
    assert pace.line_up(VENDOR, 4)[1] == 0


def test_whoever_leaves_the_queue_leaves_no_trace(passing: Passing, pace: Pace) -> None:
    """Ctrl-C while waiting."""
    for _ in range(4):
        pace.line_up(VENDOR, 4)

    class Interrupted(BaseException):
        pass

    def interrupt(_seconds: float) -> None:
        raise Interrupted

    impatient = Pace(pace._path, ticks=passing.tick, sleep=interrupt)
    with pytest.raises(Interrupted), impatient.turn(VENDOR, 4):
        pytest.fail("there was no room")
    impatient.close()
    assert pace.status(VENDOR).waiting == 0
    assert pace.status(VENDOR).in_flight == 4


def test_the_table_stays_small(passing: Passing, pace: Pace) -> None:
    """What no longer counts is forgotten."""
    for _ in range(100):
        with pace.turn(VENDOR, 4):
            passing.seconds += 0.2
    with sqlite3.connect(pace._path) as db:
        (rows,) = db.execute("SELECT count(*) FROM calls").fetchone()
    db.close()
    assert rows < 60


def test_a_table_that_cannot_be_kept_stops_everything(tmp_path: Path) -> None:
    """Without a count nothing is sent; the message names the file."""
    (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(NeedsAttention) as error, opened(tmp_path, Passing()).turn(VENDOR, 4):
        pytest.fail("nothing may be sent")
    assert error.value.facts["path"].endswith("pace.db")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "pace.db").write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    with pytest.raises(NeedsAttention, match="pace_unusable"):
        Pace(tmp_path / "damaged" / "pace.db").status(VENDOR)


# --- for real ----------------------------------------------------------------------------------------------------

_CHILD = """
import sys, time
from pathlib import Path
from runner.coupang.pace import Pace
pace = Pace(Path(sys.argv[1]))
for _ in range(3):
    with pace.turn("V@x", 50):
        print(time.monotonic(), flush=True)
"""


def test_processes_and_threads_share_one_table(tmp_path: Path) -> None:
    """They open it at the same moment, and all get their turns."""
    where = str(tmp_path / "pace.db")
    children = [subprocess.Popen([sys.executable, "-c", _CHILD, where], stdout=subprocess.PIPE) for _ in range(3)]
    pace, turns = Pace(tmp_path / "pace.db"), []

    def work() -> None:
        for _ in range(3):
            with pace.turn("V@x", 50):
                turns.append(1)

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outputs = [child.communicate()[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert len(turns) + sum(map(len, outputs)) == 18
    assert pace.status("V@x").in_flight == 0
    pace.close()
