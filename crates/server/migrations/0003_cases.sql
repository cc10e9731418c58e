-- Cases and everything that hangs on one.

-- 案件号 are allotted in blocks, so that no two acceptances wait for one row.
CREATE TABLE case_no_blocks (
    office_code TEXT NOT NULL,
    day $DAY NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (office_code, day)
);

-- The branch columns (office_id, agency_id, unit_id) are as of the acceptance: authority is one comparison.
CREATE TABLE cases (
    id $ID,
    no TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    stage TEXT NOT NULL
        CHECK (stage IN ('materials', 'expense_entry', 'first_review', 'payment', 'closed', 'deleted')),
    stage_since $INSTANT NOT NULL,
    holder_id BIGINT REFERENCES users (id),
    source TEXT NOT NULL CHECK (source IN ('unit', 'office')),
    office_id BIGINT NOT NULL REFERENCES orgs (id),
    agency_id BIGINT REFERENCES orgs (id),
    unit_id BIGINT NOT NULL REFERENCES orgs (id),
    member_id BIGINT NOT NULL REFERENCES members (id),
    coverage_id BIGINT NOT NULL REFERENCES coverages (id),
    plan_version_id BIGINT NOT NULL REFERENCES plan_versions (id),
    claim_type TEXT NOT NULL,
    liability_code TEXT NOT NULL,
    liability_name TEXT NOT NULL,
    incident_date $DAY NOT NULL,
    accepted_at $INSTANT NOT NULL,
    accepted_on $DAY NOT NULL,
    accepted_by_id BIGINT NOT NULL REFERENCES users (id),
    submissions INTEGER NOT NULL DEFAULT 0,
    returned BOOLEAN NOT NULL DEFAULT FALSE,
    -- 领款人信息 and 出险信息, as far as they are entered
    payee_relation TEXT,
    payee_name TEXT NOT NULL DEFAULT '',
    payee_phone TEXT NOT NULL DEFAULT '',
    payee_account_no TEXT NOT NULL DEFAULT '',
    payee_bank_name TEXT NOT NULL DEFAULT '',
    incident_cause TEXT NOT NULL DEFAULT '',
    incident_from $DAY,
    incident_to $DAY,
    incident_class TEXT,
    warning_reasons TEXT NOT NULL DEFAULT '[]',
    -- 申领计算: the last result with its trace; it is stale when computing anew gives another trace
    calculated_fen BIGINT,
    trace TEXT,
    -- the evidence that belongs to a stage
    entered_by_id BIGINT REFERENCES users (id),
    approved_by_id BIGINT REFERENCES users (id),
    benefit_fen BIGINT CHECK (benefit_fen > 0),
    outcome TEXT CHECK (outcome IN ('paid', 'denied', 'withdrawn')),
    close_reason TEXT,
    closed_by_id BIGINT REFERENCES users (id),
    closed_at $INSTANT,
    paid_on $DAY,
    claim_ordinal INTEGER,
    CHECK (holder_id IS NULL OR stage IN ('expense_entry', 'first_review')),
    CHECK (stage NOT IN ('first_review', 'payment') OR (entered_by_id IS NOT NULL AND benefit_fen IS NOT NULL)),
    CHECK (stage <> 'payment' OR approved_by_id IS NOT NULL),
    CHECK ((stage = 'closed') = (outcome IS NOT NULL)),
    CHECK (outcome IS NULL OR (closed_by_id IS NOT NULL AND closed_at IS NOT NULL)),
    CHECK (outcome IS NULL OR outcome <> 'paid' OR (paid_on IS NOT NULL AND benefit_fen IS NOT NULL)),
    CHECK (outcome IS NULL OR outcome = 'paid' OR close_reason IS NOT NULL)
);
CREATE INDEX cases_office_stage ON cases (office_id, stage, accepted_at DESC);
CREATE INDEX cases_agency_stage ON cases (agency_id, stage, accepted_at DESC);
CREATE INDEX cases_unit_stage ON cases (unit_id, stage, accepted_at DESC);
CREATE INDEX cases_stage ON cases (stage, accepted_at DESC);
CREATE INDEX cases_holder ON cases (holder_id, stage);
CREATE INDEX cases_member ON cases (member_id, coverage_id);
CREATE INDEX cases_closed ON cases (outcome, closed_at);

CREATE TABLE statements (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL,
    hospital TEXT NOT NULL,
    hospital_level TEXT,
    insurance_type TEXT,
    admitted_on $DAY,
    discharged_on $DAY,
    total_fen BIGINT,
    pooled_fund_paid_fen BIGINT,
    other_paid_fen BIGINT,
    self_pay_fen BIGINT,
    deductible_fen BIGINT,
    upfront_self_pay_fen BIGINT,
    out_of_scope_fen BIGINT,
    personal_account_paid_fen BIGINT,
    cash_paid_fen BIGINT,
    actual_paid_fen BIGINT,
    non_local BOOLEAN NOT NULL,
    non_local_registered BOOLEAN NOT NULL,
    invoice_no TEXT NOT NULL,
    diagnosis TEXT NOT NULL,
    department TEXT NOT NULL,
    PRIMARY KEY (case_id, position)
);
CREATE INDEX statements_invoice ON statements (invoice_no);

CREATE TABLE case_materials (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    uploaded_at $INSTANT NOT NULL,
    uploaded_by_id BIGINT NOT NULL REFERENCES users (id)
);
CREATE INDEX case_materials_case ON case_materials (case_id, kind);
CREATE INDEX case_materials_sha256 ON case_materials (sha256);

-- What a material carries besides its pictures: 银行账号 and 银行名称 of a bank card.
CREATE TABLE case_material_fields (
    case_id BIGINT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (case_id, kind, field)
);

-- Everything that happened to a case, chained by hash; rows are only ever added.
CREATE TABLE case_events (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES users (id),
    at $INSTANT NOT NULL,
    from_stage TEXT,
    to_stage TEXT NOT NULL,
    reason_code TEXT,
    note TEXT,
    data TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (case_id, seq)
);
CREATE INDEX case_events_actor ON case_events (actor_id, case_id);

-- What of a coverage's liability is used: reserved at 申领提交, released on return, denial or withdrawal,
-- settled at 结案. Rows are only ever added; what is used is their sum.
CREATE TABLE usage_entries (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    coverage_id BIGINT NOT NULL REFERENCES coverages (id),
    liability_code TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'release', 'settle')),
    amount_fen BIGINT NOT NULL,
    days BIGINT NOT NULL,
    times BIGINT NOT NULL,
    at $INSTANT NOT NULL
);
CREATE INDEX usage_entries_coverage ON usage_entries (coverage_id, liability_code);
CREATE INDEX usage_entries_case ON usage_entries (case_id);

-- Money that left, one row a case; rows are only ever added.
CREATE TABLE payments (
    id $ID,
    case_id BIGINT NOT NULL UNIQUE REFERENCES cases (id),
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    payee_name TEXT NOT NULL,
    account_no TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    paid_on $DAY NOT NULL,
    note TEXT NOT NULL,
    confirmed_at $INSTANT NOT NULL,
    confirmed_by_id BIGINT NOT NULL REFERENCES users (id)
);
