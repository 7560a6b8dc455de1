"""All tables. What is personal (names, addresses, what people wrote) is only here, never in a process.

Constraints state what must hold whoever writes: one holder of a subject, one credit of a prospect, one open lead of a
partner for a prospect, one mail for an effect.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from records.columns import Exact, Instant, Json, Serial

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(200)
"""A workflow id, or a part of one."""

# SQLite keeps rows and a textual primary key in two trees unless told otherwise (`sqlite_with_rowid`): a commit would
# write twice the pages.

# What processes write: their projection, the record of what happened, and the key of each commit.

processes = Table(
    "processes",
    metadata,
    Column("process", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("state", String(60), nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("final", Boolean, nullable=False),
    Column("partner_id", Id, nullable=False),
    Column("subject", Id, nullable=False),
    Column("edition", String(40), nullable=False),
    Column("lifecycle_version", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("waits_for", String(40), nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("due_at", Instant),
    Column("due_summary", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("chain", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_processes_partner_id", "partner_id"),
    Index(
        "ix_processes_waiting",
        "waits_for",
        "due_at",
        sqlite_where=text("waits_for <> ''"),
        postgresql_where=text("waits_for <> ''"),
    ),
    sqlite_with_rowid=False,
)

commits = Table(
    "commits",
    metadata,
    Column("process", Id),
    Column("chain", String(64)),
    Column("number", Integer),
    Column("digest", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("receipt", Json, nullable=False),
    PrimaryKeyConstraint("process", "chain", "number"),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("process", Id),
    Column("chain", String(64)),
    Column("number", Integer),
    Column("index", Integer),
    Column("trigger", String(60), nullable=False),
    Column("source", String(60), nullable=False),
    Column("dest", String(60), nullable=False),
    Column("at", Instant, nullable=False),
    Column("handled_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("details", Json, nullable=False),
    PrimaryKeyConstraint("process", "chain", "number", "index"),
    sqlite_with_rowid=False,
)

parked = Table(
    "parked",
    metadata,
    Column("process", Id),
    Column("chain", String(64)),
    Column("number", Integer),
    Column("why", Text, nullable=False),
    Column("commit", Json, nullable=False),
    Column("parked_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    PrimaryKeyConstraint("process", "chain", "number"),
)

# Who holds what, and what it earned.

claims = Table(
    "claims",
    metadata,
    Column("kind", String(40)),
    Column("subject", Id),
    Column("process", Id),
    Column("partner_id", Id, nullable=False),
    Column("since", Instant, nullable=False),
    Column("status", String(10), nullable=False),
    Column("firm", Boolean, nullable=False),
    PrimaryKeyConstraint("kind", "subject", "process"),
    CheckConstraint("status IN ('held', 'in_line')", name="status"),
    Index(
        "ix_claims_one_holder",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("status = 'held'"),
        postgresql_where=text("status = 'held'"),
    ),
    sqlite_with_rowid=False,
)

terms = Table(
    "terms",
    metadata,
    Column("process", Id, primary_key=True),
    Column("percent", Exact, nullable=False),
    Column("months", Integer, nullable=False),
    Column("track", String(40), nullable=False),
    Column("tier", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

referrals = Table(
    "referrals",
    metadata,
    Column("process", Id, primary_key=True),
    Column("partner_id", Id, nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("subject", Id, nullable=False),
    Column("percent", Exact, nullable=False),
    Column("months", Integer, nullable=False),
    Column("track", String(40), nullable=False),
    Column("tier", String(40), nullable=False),
    Column("edition", String(40), nullable=False),
    Column("first_payment_at", Instant, nullable=False),
    Column("credited_at", Instant, nullable=False),
    UniqueConstraint("kind", "subject"),
)

# People and what they told us.

partners = Table(
    "partners",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("contact_name", Text, nullable=False),
    Column("contact_email", Text, nullable=False),
    Column("manager_address", Text),
    Column("country", String(2), nullable=False),
    Column("track", String(40), nullable=False),
    Column("tier", String(40), nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("suspended", Boolean, nullable=False, server_default=false()),
    # Since when it is no partner any more: what it has earned until then is paid out once more.
    Column("left_at", Instant),
    # The partner that has taken over all that it had; of several mergers in a row the last one.
    Column("merged_into", Id, index=True),
)

# Two partners become one: what staff proposed, and what both said. `process` is that of the partner that is merged.
mergers = Table(
    "mergers",
    metadata,
    Column("process", Id),
    Column("number", Integer),
    Column("partner_id", Id, nullable=False),
    Column("into", Id, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("lapses_at", Instant, nullable=False),
    # The number of the links that were sent last, one to each of the two.
    Column("link", Integer, nullable=False),
    Column("partner_confirmed_at", Instant),
    Column("into_confirmed_at", Instant),
    Column("state", String(10), nullable=False),
    Column("ended_at", Instant),
    # Whether the partner that is merged, the other one, staff or the clock ended it.
    Column("ended_by", String(10), nullable=False),
    Column("why", Text, nullable=False),
    PrimaryKeyConstraint("process", "number"),
    CheckConstraint("state IN ('proposed', 'done', 'declined', 'withdrawn', 'lapsed')", name="state"),
    Index(
        "ix_mergers_one_of_partner",
        "partner_id",
        unique=True,
        sqlite_where=text("state = 'proposed'"),
        postgresql_where=text("state = 'proposed'"),
    ),
    Index(
        "ix_mergers_one_into_partner",
        "into",
        unique=True,
        sqlite_where=text("state = 'proposed'"),
        postgresql_where=text("state = 'proposed'"),
    ),
)

tier_intervals = Table(
    "tier_intervals",
    metadata,
    Column("partner_id", Id, ForeignKey("partners.id", ondelete="CASCADE")),
    Column("from", Instant),
    Column("to", Instant),
    Column("track", String(40), nullable=False),
    Column("tier", String(40), nullable=False),
    Column("why", Text, nullable=False),
    PrimaryKeyConstraint("partner_id", "from"),
    Index(
        "ix_tier_intervals_one_open",
        "partner_id",
        unique=True,
        sqlite_where=text('"to" IS NULL'),
        postgresql_where=text('"to" IS NULL'),
    ),
)

partner_facts = Table(
    "partner_facts",
    metadata,
    Column("source", String(60)),
    Column("fact_id", Id),
    Column("partner_id", Id, ForeignKey("partners.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("said", Json, nullable=False),
    # From when it is so, when it came, and when staff struck it.
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("struck_at", Instant),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("source", "fact_id"),
    Index("ix_partner_facts_partner_id_at", "partner_id", "at"),
)

judgements = Table(
    "judgements",
    metadata,
    # What a half-year's adjustment found of every partner at its cut-off, and what became of it.
    Column("half", String(10)),
    Column("partner_id", Id),
    Column("held", String(40), nullable=False),
    Column("becomes", String(40), nullable=False),
    Column("retained", Boolean, nullable=False),
    Column("missing", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("facts", Json, nullable=False),
    Column("judged_at", Instant, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("became", String(40), nullable=False),
    PrimaryKeyConstraint("half", "partner_id"),
    Index("ix_judgements_half_becomes", "half", "becomes"),
)

jobs = Table(
    "jobs",
    metadata,
    # The key of the effect that asked for it, so that a job is begun once.
    Column("id", String(400), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("args", Json, nullable=False),
    # The process that is told the end, by which signal; empty: nobody.
    Column("process", Id, nullable=False),
    Column("signal", String(60), nullable=False),
    Column("cursor", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("result", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("lease_until", Instant),
    Column("failures", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Index(
        "ix_jobs_unfinished",
        "created_at",
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
)

# The people of partners.

partner_people = Table(
    "partner_people",
    metadata,
    Column("partner_id", Id, ForeignKey("partners.id", ondelete="CASCADE")),
    Column("person_id", Id),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    # The address as it is compared: people write their own in capitals now and then.
    Column("address_key", Text, nullable=False),
    PrimaryKeyConstraint("partner_id", "person_id"),
    Index("ix_partner_people_address_key", "address_key"),
)

# Who signs in, and who has. Instants are real time: people wait for their mails in it, whatever the program's clock.

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("known", Boolean, nullable=False),
    # Digests of the browser that asked, and of the network that it asked from.
    Column("browser", String(64), nullable=False),
    Column("client", String(64), nullable=False),
    Column("onward", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_sign_ins_address_key_asked_at", "address_key", "asked_at"),
    Index("ix_sign_ins_client_asked_at", "client", "asked_at"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_sessions_seen_at", "seen_at"),
)

lead_details = Table(
    "lead_details",
    metadata,
    Column("lead_id", Id, primary_key=True),
    Column("partner_id", Id, nullable=False),
    Column("company", Text, nullable=False),
    Column("domain", Id, nullable=False, index=True),
    Column("contact_name", Text, nullable=False),
    Column("contact_email", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("open", Boolean, nullable=False),
    # Kept, but Temporal has not acknowledged its process yet: for everybody who asks, it is not there.
    Column("pending", Boolean, nullable=False, server_default=false()),
    Index(
        "ix_lead_details_one_open",
        "partner_id",
        "domain",
        unique=True,
        sqlite_where=text('"open"'),
        postgresql_where=text('"open"'),
    ),
    Index("ix_lead_details_partner_id_received_at", "partner_id", "received_at"),
    Index("ix_lead_details_received_at", "received_at"),
)

# Managed accounts: what partners submitted, whom they named, and what came of it.

account_requests = Table(
    "account_requests",
    metadata,
    Column("process", Id),
    Column("number", Integer),
    Column("api_key", Id, nullable=False),
    Column("partner_id", Id, nullable=False),
    Column("contact", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    # As for leads: kept, but not acknowledged by Temporal yet.
    Column("pending", Boolean, nullable=False),
    PrimaryKeyConstraint("process", "number"),
    Index("ix_account_requests_partner_id_received_at", "partner_id", "received_at"),
    Index("ix_account_requests_received_at", "received_at"),
    Index("ix_account_requests_api_key", "api_key"),
)

account_contacts = Table(
    "account_contacts",
    metadata,
    Column("process", Id),
    Column("number", Integer),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # The message that brought it, so that the same correction sent again is the same contact.
    Column("message_id", Id, nullable=False, unique=True),
    PrimaryKeyConstraint("process", "number"),
)

# With which the client of an account answers, or a partner that is to be merged. `nonce` stands in the signed address,
# `code` in the mail beside it.
client_links = Table(
    "client_links",
    metadata,
    Column("process", Id),
    Column("request", Integer),
    Column("purpose", String(10)),
    Column("number", Integer),
    Column("nonce", String(40), nullable=False, unique=True),
    Column("code", String(10), nullable=False),
    Column("anew", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("dies_at", Instant),
    Column("dead", Boolean, nullable=False),
    Column("wrong_codes", Integer, nullable=False),
    Column("locked_at", Instant),
    Column("answer", String(10), nullable=False),
    Column("answered_at", Instant),
    PrimaryKeyConstraint("process", "request", "purpose", "number"),
    CheckConstraint("purpose IN ('confirm', 'reconfirm', 'revoke', 'merge_from', 'merge_into')", name="purpose"),
)

# Facts that money depends on, written by the processes themselves: an interval for each management that a client
# confirmed (`number` is that of the request), and every word of the vendor, which may come before it.

managements = Table(
    "managements",
    metadata,
    Column("process", Id),
    Column("number", Integer),
    Column("account", Id, nullable=False),
    Column("partner_id", Id, nullable=False),
    Column("edition", String(40), nullable=False),
    Column("client_confirmed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("why", String(60), nullable=False),
    PrimaryKeyConstraint("process", "number"),
    Index(
        "ix_managements_one_partner",
        "account",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("ix_managements_account_client_confirmed_at", "account", "client_confirmed_at"),
    Index("ix_managements_partner_id", "partner_id"),
)

vendor_words = Table(
    "vendor_words",
    metadata,
    Column("process", Id),
    Column("number", Integer),
    Column("at", Instant),
    Column("word", String(10), nullable=False),
    PrimaryKeyConstraint("process", "number", "at"),
    CheckConstraint("word IN ('confirmed', 'declined')", name="word"),
)

application_details = Table(
    "application_details",
    metadata,
    Column("application_id", Id, primary_key=True),
    Column("company", Text, nullable=False),
    Column("domain", Id, nullable=False),
    # Empty where it was not given. It is personal for people who work alone, and never leaves the database.
    Column("tax_number", Id, nullable=False),
    Column("country", String(2), nullable=False),
    Column("contact_name", Text, nullable=False),
    Column("contact_email", Text, nullable=False),
    Column("service_offerings", Text, nullable=False),
    Column("technology_partners", Text, nullable=False),
    Column("client_profile", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("pending", Boolean, nullable=False),
    Index(
        "ix_application_details_one_of_domain",
        "domain",
        unique=True,
        sqlite_where=text('"open"'),
        postgresql_where=text('"open"'),
    ),
    Index(
        "ix_application_details_one_of_tax_number",
        "tax_number",
        unique=True,
        sqlite_where=text("\"open\" AND tax_number <> ''"),
        postgresql_where=text("\"open\" AND tax_number <> ''"),
    ),
    Index("ix_application_details_received_at", "received_at"),
)

# The same company once more: by whom, and how it called itself.
further_applications = Table(
    "further_applications",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("application_id", Id, nullable=False, index=True),
    Column("company", Text, nullable=False),
    Column("domain", Id, nullable=False),
    Column("contact_name", Text, nullable=False),
    Column("contact_email", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("message_id", Id, primary_key=True),
    Column("application_id", Id, nullable=False, index=True),
    Column("version", String(40), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    # The id of the message that the text belongs to, so that the same report sent again is the same note.
    Column("id", Id, primary_key=True),
    Column("process", Id, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_notes_process_at", "process", "at"),
)

facts = Table(
    "facts",
    metadata,
    Column("source", String(60)),
    Column("fact_id", Id),
    Column("kind", String(60), nullable=False),
    Column("subject", Id, nullable=False),
    Column("process", Id),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("source", "fact_id"),
    Index("ix_facts_subject_kind_occurred_at", "subject", "kind", "occurred_at"),
)

# Clients' accounts and what they pay. Amounts are whole cents: they can be summed on both databases.

client_accounts = Table(
    "client_accounts",
    metadata,
    # An interval for each word on what the account belongs to: a corrected domain ends one and begins the next, so that
    # what was known at an instant can be asked.
    Column("account", Id),
    Column("known_from", Instant),
    Column("known_until", Instant),
    Column("domain", Id),
    Column("source", String(60), nullable=False),
    PrimaryKeyConstraint("account", "known_from"),
    Index(
        "ix_client_accounts_one_open",
        "account",
        unique=True,
        sqlite_where=text("known_until IS NULL"),
        postgresql_where=text("known_until IS NULL"),
    ),
    Index("ix_client_accounts_domain", "domain"),
    sqlite_with_rowid=False,
)

imports = Table(
    "imports",
    metadata,
    # Only those that changed something: the same file once more leaves nothing behind.
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("by", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("taken", Integer, nullable=False),
    Column("corrected", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
)

mrr = Table(
    "mrr",
    metadata,
    Column("account", Id),
    Column("month", String(7)),
    Column("email_cents", BigInteger, nullable=False),
    Column("sms_cents", BigInteger, nullable=False),
    # When the month was loaded for the first time, and when with these amounts.
    Column("first_loaded_at", Instant, nullable=False),
    Column("loaded_at", Instant, nullable=False),
    Column("import_id", String(40), nullable=False),
    PrimaryKeyConstraint("account", "month"),
    sqlite_with_rowid=False,
)

mrr_corrections = Table(
    "mrr_corrections",
    metadata,
    Column("account", Id),
    Column("month", String(7)),
    Column("import_id", String(40)),
    Column("replaced_at", Instant, nullable=False),
    Column("new_email_cents", BigInteger, nullable=False),
    Column("new_sms_cents", BigInteger, nullable=False),
    Column("old_email_cents", BigInteger, nullable=False),
    Column("old_sms_cents", BigInteger, nullable=False),
    Column("old_loaded_at", Instant, nullable=False),
    Column("old_import_id", String(40), nullable=False),
    Column("marked", Boolean, nullable=False),
    PrimaryKeyConstraint("account", "month", "import_id"),
    sqlite_with_rowid=False,
)

client_lines = Table(
    "client_lines",
    metadata,
    # What partner managers have been told: which yearly line a client of theirs has reached.
    Column("partner_id", Id),
    Column("account", Id),
    Column("line", Integer),
    Column("told_at", Instant, nullable=False),
    PrimaryKeyConstraint("partner_id", "account", "line"),
)

# The elite season: whom the MRR review lists, what managers wrote, and the years of elite that were granted. `look` is
# the number of the look through all partners that found a partner.

season_list = Table(
    "season_list",
    metadata,
    Column("season", String(10)),
    Column("partner_id", Id, ForeignKey("partners.id", ondelete="CASCADE")),
    Column("look", Integer, nullable=False),
    Column("reevaluation", Boolean, nullable=False),
    Column("on", Date, nullable=False),
    Column("met", Boolean, nullable=False),
    Column("missing", Text, nullable=False),
    Column("points", Json, nullable=False),
    Column("begun", Boolean, nullable=False),
    PrimaryKeyConstraint("season", "partner_id"),
)

nomination_cases = Table(
    "nomination_cases",
    metadata,
    Column("process", Id),
    Column("number", Integer),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("links", Json, nullable=False),
    PrimaryKeyConstraint("process", "number"),
)

elite_years = Table(
    "elite_years",
    metadata,
    Column("partner_id", Id, ForeignKey("partners.id", ondelete="CASCADE")),
    Column("season", String(10)),
    Column("granted_at", Instant, nullable=False),
    Column("until", Date, nullable=False),
    PrimaryKeyConstraint("partner_id", "season"),
)

# What leaves, and what came in. `not_before` and `lease_until` are real time: back-off knows no program clock.

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("key", String(400), nullable=False, unique=True),
    Column("process", Id, nullable=False),
    Column("template", String(60), nullable=False),
    Column("to", Text, nullable=False),
    Column("about", Json, nullable=False),
    Column("only_while", Json, nullable=False),
    Column("target", Id, nullable=False),
    Column("signal", String(60), nullable=False),
    Column("payload", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("lease_until", Instant),
    Column("status", String(12), nullable=False),
    Column("message_id", String(80), nullable=False),
    Column("sent_at", Instant),
    CheckConstraint("kind IN ('mail', 'signal')", name="kind"),
    CheckConstraint("status IN ('waiting', 'sent', 'superseded', 'dropped')", name="status"),
    Index(
        "ix_outbox_waiting",
        "kind",
        "id",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "ix_outbox_begins",
        "target",
        sqlite_where=text("signal = 'begin'"),
        postgresql_where=text("signal = 'begin'"),
    ),
    Index(
        "ix_outbox_to_clients",
        "message_id",
        sqlite_where=text("\"to\" = 'client'"),
        postgresql_where=text("\"to\" = 'client'"),
    ),
    Index(
        "ix_outbox_waiting_for_target",
        "target",
        "id",
        sqlite_where=text("status = 'waiting' AND kind = 'signal'"),
        postgresql_where=text("status = 'waiting' AND kind = 'signal'"),
    ),
)

mailbox = Table(
    "mailbox",
    metadata,
    Column("message_id", String(200), primary_key=True),
    Column("to", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("partner_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("caller", String(80)),
    Column("key", Id),
    Column("digest", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("response", Json, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("caller", "key"),
)
