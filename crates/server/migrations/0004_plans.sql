-- Plans as data: drafts on their way to a published version, several payees, injuries, the whole usage ledger.

-- Who put a version into force, and from which draft. Null where the program itself did (the demonstration).
ALTER TABLE plan_versions ADD COLUMN proposed_by_id BIGINT REFERENCES users (id);
ALTER TABLE plan_versions ADD COLUMN published_by_id BIGINT REFERENCES users (id);
CREATE INDEX plan_versions_office ON plan_versions (office_id, effective_from DESC);

-- A plan version that is being written. What it says and where it stands is its last event.
CREATE TABLE plan_drafts (
    id $ID,
    office_id BIGINT NOT NULL REFERENCES orgs (id),
    created_by_id BIGINT NOT NULL REFERENCES users (id),
    created_at $INSTANT NOT NULL
);
CREATE INDEX plan_drafts_office ON plan_drafts (office_id);
ALTER TABLE plan_versions ADD COLUMN draft_id BIGINT REFERENCES plan_drafts (id);
CREATE UNIQUE INDEX plan_versions_draft ON plan_versions (draft_id);

-- Rows are only ever added; seq is also what two people who write at the same time are told apart by.
CREATE TABLE plan_draft_events (
    id $ID,
    draft_id BIGINT NOT NULL REFERENCES plan_drafts (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('save', 'propose', 'return', 'publish', 'discard')),
    actor_id BIGINT NOT NULL REFERENCES users (id),
    at $INSTANT NOT NULL,
    note TEXT NOT NULL,
    source TEXT NOT NULL,
    code TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (draft_id, seq)
);

-- 领款人 of a case, as far as they are entered; shares in 万分比.
CREATE TABLE case_payees (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL,
    relation TEXT,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    account_no TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    share INTEGER NOT NULL CHECK (share BETWEEN 0 AND 10000),
    PRIMARY KEY (case_id, position)
);
CREATE INDEX case_payees_name ON case_payees (name);
INSERT INTO case_payees (case_id, position, relation, name, phone, account_no, bank_name, share)
    SELECT id, 0, payee_relation, payee_name, payee_phone, payee_account_no, payee_bank_name, 10000
    FROM cases WHERE payee_relation IS NOT NULL OR payee_name <> '';
ALTER TABLE cases DROP COLUMN payee_relation;
ALTER TABLE cases DROP COLUMN payee_name;
ALTER TABLE cases DROP COLUMN payee_phone;
ALTER TABLE cases DROP COLUMN payee_account_no;
ALTER TABLE cases DROP COLUMN payee_bank_name;

-- 伤残: grades and parts of all injuries.
ALTER TABLE cases ADD COLUMN incident_injuries TEXT NOT NULL DEFAULT '[]';
CREATE INDEX cases_plan_closed ON cases (plan_version_id, closed_at);

-- The ledger counts stays and what has accumulated of the base, too. What was written before counted a stay a claim.
ALTER TABLE usage_entries ADD COLUMN stays BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_entries ADD COLUMN base_fen BIGINT NOT NULL DEFAULT 0;
UPDATE usage_entries SET stays = times;

-- Money that left: now one row a payee, so that the case alone is no key any more.
CREATE TABLE payee_payments (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    payee_name TEXT NOT NULL,
    account_no TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    paid_on $DAY NOT NULL,
    note TEXT NOT NULL,
    confirmed_at $INSTANT NOT NULL,
    confirmed_by_id BIGINT NOT NULL REFERENCES users (id),
    UNIQUE (case_id, position)
);
INSERT INTO payee_payments
    (case_id, position, amount_fen, payee_name, account_no, bank_name, paid_on, note, confirmed_at, confirmed_by_id)
    SELECT case_id, 0, amount_fen, payee_name, account_no, bank_name, paid_on, note, confirmed_at, confirmed_by_id
    FROM payments ORDER BY id;
DROP TABLE payments;
ALTER TABLE payee_payments RENAME TO payments;
