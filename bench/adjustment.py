"""A half-year's adjustment at size: `python -m bench.adjustment [STANDINGS]` writes docs/bench/adjustment.md.

20,000 partners are judged, 2,000 of them move. Every mover is a real process on the embedded Temporal server; the
other 18,000 are rows, because nothing is said to them. Memory is that of a process that does nothing but the pages.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlalchemy import Engine, event, func, insert, select
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime

import worker
from activities import metrics
from activities.commit import CommitActivities
from activities.jobs import Jobs
from activities.mail import LocalMailbox
from activities.opening import OpeningActivities
from activities.relay import Relay
from activities.signals import signals_through
from activities.staff import StaffActivities
from cli.ports import free_port
from cli.temporal_server import program as temporal_program
from program.calendar import Half
from program.clock import ProgramClock
from program.edition import Tier, Track, edition
from program.evaluation import evaluate
from records.adjusting import FACTS
from records.database import open_database, reading, writing
from records.jobs import begin_job, lease_job
from records.migrate import migrate
from records.tables import audit, client_accounts, judgements, mrr, partner_facts, partners, processes, referrals
from records.tables import tier_intervals as intervals
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.partner import PARTNER
from states.partner_data import Partner
from states.staff import StaffList
from workflows.connection import DATA_CONVERTER, runtime
from workflows.doors import beginning, start_process
from workflows.namespace import prepare

PAGE = Path(__file__).resolve().parent.parent / "docs" / "bench" / "adjustment.md"
HALF = Half(2027, 1)
RULES = edition("2022")
CUT_OFF, ADJUSTS = RULES.moves.cut_off(HALF), RULES.moves.adjustment(HALF)
SINCE = CUT_OFF - timedelta(days=100)
SMALL, LARGE, MOVERS = 1_000, 20_000, 2_000
ARGS = {
    "half": str(HALF),
    "cut_off": CUT_OFF.isoformat(),
    "adjusts": ADJUSTS.isoformat(),
    "holds": [],
    "corrections": {},
}


def falls(number: int) -> bool:
    """Whether a partner's MRR gives less than it holds: every tenth."""
    return number % 10 == 0


def fill(url: str, many: int) -> None:
    """So many partners that hold silver, each with its facts and a referral."""
    migrate(url)
    engine = open_database(url)
    for start in range(0, many, 1_000):
        numbers = range(start, min(start + 1_000, many))
        with writing(engine) as connection:
            for table, rows in _rows(numbers).items():
                connection.execute(insert(table), rows)
    engine.dispose()


def _rows(numbers: range) -> dict[Any, list[dict[str, Any]]]:
    names = {number: f"p{number:06}" for number in numbers}
    told: list[dict[str, Any]] = []
    for name in names.values():
        said = [
            ("certification", {"course": "product", "person": "e1", "percent": "90"}),
            ("certification", {"course": "partner", "person": "e1", "percent": "90"}),
            ("website", {"evidence": ["badge"]}),
            ("team", {"people": ["e1", "e2"]}),
        ]
        told += [
            {"source": "bench", "fact_id": f"{name}-{index}", "partner_id": name, "kind": kind, "said": what,
             "at": SINCE, "received_at": SINCE, "struck_at": None, "digest": "x"}
            for index, (kind, what) in enumerate(said)
        ]  # fmt: skip
    return {
        partners: [
            {"id": name, "name": name, "contact_name": "Desk", "contact_email": "desk@partner.example",
             "country": "US", "track": "advisor", "tier": "silver", "joined_at": SINCE, "active": True}
            for name in names.values()
        ],
        intervals: [
            {"partner_id": name, "from": SINCE, "to": None, "track": "advisor", "tier": "silver", "why": "bench"}
            for name in names.values()
        ],
        processes: [
            {"process": f"partner:{name}", "kind": "partner", "state": "member", "outcome": "", "final": False,
             "partner_id": name, "subject": name, "edition": "2022", "lifecycle_version": 1, "since": SINCE,
             "waits_for": "", "overdue": False, "due_summary": "", "facts": {"since": SINCE.isoformat()},
             "chain": "bench", "number": 0, "updated_at": SINCE}
            for name in names.values()
        ],
        partner_facts: told,
        referrals: [
            {"process": f"lead:{name}", "partner_id": name, "kind": "prospect", "subject": f"{name}.example",
             "percent": 10, "months": 12, "track": "advisor", "tier": "silver", "edition": "2022",
             "first_payment_at": SINCE, "credited_at": SINCE}
            for name in names.values()
        ],
        client_accounts: [
            {"account": name, "known_from": SINCE, "known_until": None, "domain": f"{name}.example", "source": "bench"}
            for name in names.values()
        ],
        mrr: [
            {"account": name, "month": f"{SINCE:%Y-%m}", "email_cents": 10_000 if falls(number) else 30_000,
             "sms_cents": 0, "first_loaded_at": SINCE, "loaded_at": SINCE, "import_id": "bench"}
            for number, name in names.items()
        ],
    }  # fmt: skip


def pages(url: str) -> dict[str, float]:
    """Freeze and run without Temporal, in this process: what one page costs, and the most memory that was used."""
    engine = open_database(url)
    asked = _count_questions(engine)
    runner = Jobs(engine, lambda: ADJUSTS)
    figures: dict[str, float] = {}
    for kind in ("freeze_facts", "run_adjustment"):
        with writing(engine) as connection:
            begin_job(connection, kind, kind, ARGS, now=ADJUSTS)
        job = lease_job(engine, real=datetime.now(UTC))
        began, most = time.perf_counter(), 0
        while job is not None:
            asked.clear()
            job = runner.one_page(job)
            most = max(most, len(asked))
        figures[f"{kind}_s"] = time.perf_counter() - began
        figures[f"{kind}_questions"] = most
    figures["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with reading(engine) as connection:
        figures["moved"] = connection.execute(
            select(func.count()).select_from(judgements).where(judgements.c.outcome == "moved")
        ).scalar_one()
        frozen = connection.execute(select(judgements.c.facts).limit(1_000)).scalars().all()
    facts = [FACTS.validate_python(each) for each in frozen]
    began = time.process_time()
    for each in facts:
        evaluate(RULES, each, CUT_OFF.date())
    figures["evaluation_us"] = (time.process_time() - began) / len(facts) * 1e6
    engine.dispose()
    return figures


def _count_questions(engine: Engine) -> list[str]:
    asked: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT") and " jobs" not in statement:
            asked.append(statement)

    return asked


def moved_for_real(url: str, directory: Path, standings: int, many: int) -> dict[str, float]:
    """The whole adjustment of many partners on an embedded Temporal server, until every mover has been moved."""
    port = free_port()
    server = subprocess.Popen(
        [temporal_program(), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--headless",
         "--log-level", "error", "--db-filename", str(directory / "temporal.db"),
         "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return asyncio.run(_move(url, f"127.0.0.1:{port}", standings, many))
    finally:
        server.terminate()
        server.wait()


async def _connected(address: str, telemetry: Runtime) -> Client:
    while True:
        try:
            client = await Client.connect(address, data_converter=DATA_CONVERTER, runtime=telemetry)
            await prepare(client)
            return client
        except RuntimeError:
            await asyncio.sleep(0.2)


async def _move(url: str, address: str, standings: int, many: int) -> dict[str, float]:
    shown_at = f"127.0.0.1:{free_port()}"
    telemetry = runtime(PrometheusConfig(bind_address=shown_at, counters_total_suffix=True))
    client, engine = await _connected(address, telemetry), open_database(url)
    clock = ProgramClock(origin=datetime.now(UTC), starts=ADJUSTS + timedelta(hours=8))
    stop, queue = asyncio.Event(), "bench-adjustment"

    def now() -> datetime:
        return clock.program(datetime.now(UTC))

    tables = [table for each in worker.WORKFLOWS for table in each.lifecycles.values()]
    relay = Relay(
        engine, LocalMailbox(engine), signals_through(client, beginning(client, tables, clock=clock, task_queue=queue)),
        now, poll=0.1,
    )  # fmt: skip
    jobs = Jobs(engine, now, posted=relay.wake)
    commits = CommitActivities(engine, now, posted=relay.wake, meter=telemetry.metric_meter)
    with ThreadPoolExecutor(worker.ACTIVITY_THREADS) as threads:
        composed = worker.compose(
            client, task_queue=queue, commits=commits, staff=StaffActivities(StaffList()),
            openings=OpeningActivities(engine, "2022", now), threads=threads, grace=timedelta(seconds=2),
        )  # fmt: skip
        async with composed:
            movers = [f"p{number:06}" for number in range(many) if falls(number)][:standings]
            for start in range(0, len(movers), 40):
                await asyncio.gather(*(_begin(client, clock, queue, name) for name in movers[start : start + 40]))
            await _until(lambda: _happened(engine, "begin") >= len(movers), 240)
            others = [asyncio.create_task(each.run(stop)) for each in (relay, jobs)]
            began = time.perf_counter()
            data = Adjustment.of(str(HALF), now(), edition_name="2022", lifecycle_version=ADJUSTMENT.version)
            await start_process(
                client, ADJUSTMENT, data, clock=clock, workflow_id="adjustment:2027-H1", task_queue=queue
            )
            handle = client.get_workflow_handle("adjustment:2027-H1")
            await handle.result()
            ran = time.perf_counter() - began
            await _until(lambda: _happened(engine, "adjust") >= len(movers), 240)
            moved = time.perf_counter() - began
            events = len((await handle.fetch_history()).events)
            figures = {"ran_s": ran, "moved_s": moved, "events": events, "moved": _happened(engine, "adjust")}
            figures |= await asyncio.to_thread(_counted_commits, shown_at)
            stop.set()
            await asyncio.gather(*others)
    engine.dispose()
    return figures


def _counted_commits(shown_at: str) -> dict[str, float]:
    """How many commits were written, and how many attempts to write one failed."""
    with urlopen(f"http://{shown_at}/metrics") as page:
        lines = page.read().decode().splitlines()
    return {
        name: sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{metric.shown}{{"))
        for name, metric in (("commits", metrics.COMMITS), ("failed", metrics.FAILED_COMMITS))
    }


async def _begin(client: Client, clock: ProgramClock, queue: str, name: str) -> None:
    data = Partner.join(
        name, SINCE, edition_name="2022", lifecycle_version=PARTNER.version, track=Track.ADVISOR, tier=Tier.SILVER
    )
    await start_process(client, PARTNER, data, clock=clock, workflow_id=f"partner:{name}", task_queue=queue)


def _happened(engine: Engine, trigger: str) -> int:
    with reading(engine) as connection:
        return connection.execute(
            select(func.count()).select_from(audit).where(audit.c.trigger == trigger, audit.c.process.like("partner:%"))
        ).scalar_one()


async def _until(holds: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not await asyncio.to_thread(holds):
        if time.monotonic() > until:
            raise TimeoutError("The processes did not come to rest in time.")
        await asyncio.sleep(0.5)


def judging() -> dict[int, dict[str, float]]:
    """The pages alone, for few and for many partners."""
    with tempfile.TemporaryDirectory() as folder:
        return {many: _in_a_process_of_its_own(folder, many) for many in (SMALL, LARGE)}


def moving(standings: int, many: int = LARGE) -> dict[str, float]:
    """The whole adjustment on an embedded server."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/whole.db"
        subprocess.run([sys.executable, "-m", "bench.adjustment", "fill", url, str(many)], check=True)
        return moved_for_real(url, Path(folder), standings, many)


def main(standings: int = MOVERS) -> None:
    """Measure, and write the page."""
    PAGE.write_text(_page(judging(), moving(standings), standings), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _in_a_process_of_its_own(folder: str, many: int) -> dict[str, float]:
    url = f"sqlite:///{folder}/{many}.db"
    subprocess.run([sys.executable, "-m", "bench.adjustment", "fill", url, str(many)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.adjustment", "pages", url], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _page(found: dict[int, dict[str, float]], whole: dict[str, float] | None, standings: int) -> str:
    rows = [
        ("evaluation, µs of CPU a partner (bar: 200)", "evaluation_us", ".0f"),
        ("freezing: questions to the database a page of 1,000 (bar: 5)", "freeze_facts_questions", ".0f"),
        ("running: questions a page, which reads the cut-off and the day (bar: 5)", "run_adjustment_questions", ".0f"),
        ("freezing everybody, s", "freeze_facts_s", ".1f"),
        ("running everybody, s", "run_adjustment_s", ".1f"),
        ("moved", "moved", ".0f"),
        ("peak resident memory, MB", "rss_mb", ".0f"),
    ]
    table = "\n".join(
        f"| {name} | {found[SMALL][key]:{form}} | {found[LARGE][key]:{form}} |" for name, key, form in rows
    )
    return f"""# What an adjustment costs

Written by `python -m bench.adjustment`, on SQLite. Every tenth partner's MRR has fallen.

| pages alone, without Temporal | {SMALL:,} partners | {LARGE:,} partners |
| --- | --- | --- |
{table}

{_whole(whole, standings)}
"""


def _whole(whole: dict[str, float] | None, standings: int) -> str:
    if whole is None:
        return (
            "The whole of it on the embedded Temporal server, with the movers as real processes, has not been measured "
            "to its end; the figures above are of a busy machine, so seconds are an upper bound."
        )
    return f"""The whole of it on the embedded Temporal server, {LARGE:,} partners judged, {standings:,} of the
movers real processes:

| | |
| --- | --- |
| events of the adjustment's own history (bar: 5,000) | {whole["events"]:.0f} |
| from its beginning until it is done, s | {whole["ran_s"]:.1f} |
| until the last mover was moved, s | {whole["moved_s"]:.1f} |
| movers moved | {whole["moved"]:.0f} |
| commits of partners, benefits and the adjustment | {whole["commits"]:.0f} |
| attempts to write one that failed and were made again | {whole["failed"]:.0f} |"""


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", url, many]:
            fill(url, int(many))
        case ["pages", url]:
            print(json.dumps(pages(url)))
        case ["judging"]:
            print(json.dumps(judging()))
        case ["moving", standings]:
            print(json.dumps(moving(int(standings))))
        case ["moving", standings, many]:
            print(json.dumps(moving(int(standings), int(many))))
        case ["page", judged, *moved]:
            # Measured at other times, each by the command of its name.
            known = {int(many): figures for many, figures in json.loads(judged).items()}
            PAGE.write_text(_page(known, json.loads(moved[0]) if moved else None, MOVERS), encoding="utf-8")
        case _:
            main()
