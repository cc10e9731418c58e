-- 参保入会: a batch of a unit under a plan version for a period, from a roster file to coverages in force.

-- lease_until: until when the process that judges the rows is believed to be alive.
CREATE TABLE enrolments (
    id $ID,
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK
        (state IN ('checking', 'checked', 'unreadable', 'confirmed', 'in_force', 'returned', 'discarded')),
    unit_id BIGINT NOT NULL REFERENCES orgs (id),
    plan_version_id BIGINT NOT NULL REFERENCES plan_versions (id),
    period_from $DAY NOT NULL,
    period_to $DAY NOT NULL,
    file_name TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    rows_read BIGINT NOT NULL DEFAULT 0,
    good BIGINT NOT NULL DEFAULT 0,
    warned BIGINT NOT NULL DEFAULT 0,
    renewed BIGINT NOT NULL DEFAULT 0,
    new_members BIGINT NOT NULL DEFAULT 0,
    fee_fen BIGINT NOT NULL DEFAULT 0 CHECK (fee_fen >= 0),
    fault TEXT,
    lease_until $INSTANT,
    created_by_id BIGINT REFERENCES users (id),
    created_at $INSTANT NOT NULL,
    confirmed_by_id BIGINT REFERENCES users (id),
    confirmed_at $INSTANT,
    paid_on $DAY,
    CHECK (period_from <= period_to),
    CHECK (state NOT IN ('confirmed', 'in_force', 'returned') OR confirmed_at IS NOT NULL)
);
CREATE INDEX enrolments_unit ON enrolments (unit_id, id DESC);
CREATE INDEX enrolments_state ON enrolments (state, id DESC);
CREATE INDEX enrolments_plan ON enrolments (plan_version_id);

-- Every row of the roster as it was judged. cells: what stood there; problems: [{ column, warning, code, args }].
CREATE TABLE enrolment_rows (
    enrolment_id BIGINT NOT NULL REFERENCES enrolments (id),
    row_no BIGINT NOT NULL,
    cells TEXT NOT NULL,
    name TEXT NOT NULL,
    id_kind TEXT NOT NULL,
    id_number TEXT NOT NULL,
    birth_date $DAY,
    sex TEXT,
    phone TEXT NOT NULL,
    employment TEXT NOT NULL,
    shares INTEGER NOT NULL,
    fee_fen BIGINT NOT NULL,
    renewed BOOLEAN NOT NULL,
    good BOOLEAN NOT NULL,
    warned BOOLEAN NOT NULL,
    problems TEXT NOT NULL,
    member_id BIGINT REFERENCES members (id),
    PRIMARY KEY (enrolment_id, row_no)
);
CREATE INDEX enrolment_rows_good ON enrolment_rows (enrolment_id, good, row_no);
CREATE INDEX enrolment_rows_member ON enrolment_rows (member_id);
