-- 付款批次: how money leaves.

-- 批次号 of an office and day: the next ordinal.
CREATE TABLE payment_numbers (
    office_code TEXT NOT NULL,
    day $DAY NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (office_code, day)
);

-- agency_id is set where an agency makes its own. The totals are those of its items, and fixed with the release.
CREATE TABLE payment_batches (
    id $ID,
    no TEXT NOT NULL UNIQUE,
    office_id BIGINT NOT NULL REFERENCES orgs (id),
    agency_id BIGINT REFERENCES orgs (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'released', 'settled', 'cancelled')),
    version BIGINT NOT NULL,
    cases INTEGER NOT NULL,
    items INTEGER NOT NULL,
    sum_fen BIGINT NOT NULL CHECK (sum_fen >= 0),
    made_by_id BIGINT NOT NULL REFERENCES users (id),
    made_at $INSTANT NOT NULL,
    released_by_id BIGINT REFERENCES users (id),
    released_at $INSTANT,
    settled_at $INSTANT,
    CHECK ((state IN ('released', 'settled')) = (released_by_id IS NOT NULL)),
    CHECK ((released_by_id IS NULL) = (released_at IS NULL)),
    CHECK (released_by_id IS NULL OR released_by_id <> made_by_id),
    CHECK ((state = 'settled') = (settled_at IS NOT NULL))
);
CREATE INDEX payment_batches_office ON payment_batches (office_id, state, id);
CREATE INDEX payment_batches_agency ON payment_batches (agency_id, state, id);

-- One share of a case in a batch. reference: the batch's number with the ordinal in it, allotted with the release.
CREATE TABLE payment_items (
    id $ID,
    batch_id BIGINT NOT NULL REFERENCES payment_batches (id),
    reference TEXT UNIQUE,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    payee_name TEXT NOT NULL,
    account_no TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    replaces_id BIGINT REFERENCES payment_items (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'sent', 'paid', 'bounced', 'repaired', 'replaced')),
    paid_on $DAY,
    bounce_reason TEXT,
    bounce_words TEXT NOT NULL DEFAULT '',
    settled_by_id BIGINT REFERENCES users (id),
    settled_at $INSTANT,
    CHECK ((state = 'draft') = (reference IS NULL)),
    CHECK ((state = 'paid') = (paid_on IS NOT NULL)),
    CHECK ((state IN ('bounced', 'repaired', 'replaced')) = (bounce_reason IS NOT NULL))
);
-- No share is in two batches that aren't settled, and none is paid twice.
CREATE UNIQUE INDEX payment_items_once ON payment_items (case_id, position) WHERE state IN ('draft', 'sent', 'paid', 'bounced');
CREATE INDEX payment_items_batch ON payment_items (batch_id, id);
CREATE INDEX payment_items_case ON payment_items (case_id, id);
CREATE INDEX payment_items_bounced ON payment_items (state, settled_at);

-- Another account for what came back: asked for by one, approved by another. The picture may be missing where the account stays.
CREATE TABLE account_corrections (
    id $ID,
    item_id BIGINT NOT NULL REFERENCES payment_items (id),
    payee_name TEXT NOT NULL,
    account_no TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused')),
    sha256 TEXT,
    file_name TEXT NOT NULL DEFAULT '',
    content_type TEXT NOT NULL DEFAULT '',
    asked_by_id BIGINT NOT NULL REFERENCES users (id),
    asked_at $INSTANT NOT NULL,
    decided_by_id BIGINT REFERENCES users (id),
    decided_at $INSTANT,
    decision_note TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'proposed') = (decided_by_id IS NULL)),
    CHECK (decided_by_id IS NULL OR decided_by_id <> asked_by_id)
);
CREATE UNIQUE INDEX account_corrections_open ON account_corrections (item_id) WHERE state IN ('proposed', 'approved');
CREATE INDEX account_corrections_item ON account_corrections (item_id, id);

-- How an office's bank wants its file.
CREATE TABLE payment_layouts (
    office_id BIGINT NOT NULL PRIMARY KEY REFERENCES orgs (id),
    version BIGINT NOT NULL,
    layout TEXT NOT NULL
);

CREATE INDEX cases_to_pay ON cases (stage, office_id, benefit_fen);
