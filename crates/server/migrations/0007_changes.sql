-- 变更管理: what is asked for, what was before, and who decided. Nothing takes effect before approval.

-- 变更号 of an office and day: the next ordinal.
CREATE TABLE change_numbers (
    office_code TEXT NOT NULL,
    day $DAY NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (office_code, day)
);

-- The branch columns are as of the asking. before: what was on record, and at a merge what went over; after: what is asked for.
CREATE TABLE changes (
    id $ID,
    no TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES members (id),
    other_member_id BIGINT REFERENCES members (id),
    unit_id BIGINT NOT NULL REFERENCES orgs (id),
    office_id BIGINT NOT NULL REFERENCES orgs (id),
    agency_id BIGINT REFERENCES orgs (id),
    coverage_id BIGINT REFERENCES coverages (id),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn')),
    version BIGINT NOT NULL,
    effective_on $DAY,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by_id BIGINT NOT NULL REFERENCES users (id),
    asked_at $INSTANT NOT NULL,
    decided_by_id BIGINT REFERENCES users (id),
    decided_at $INSTANT,
    decision_note TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CHECK (state <> 'approved' OR decided_by_id <> asked_by_id)
);
CREATE INDEX changes_office ON changes (office_id, state, id);
CREATE INDEX changes_agency ON changes (agency_id, state, id);
CREATE INDEX changes_unit ON changes (unit_id, state, id);
CREATE INDEX changes_member ON changes (member_id, kind);
CREATE INDEX changes_other_member ON changes (other_member_id);
CREATE INDEX changes_coverage ON changes (coverage_id);

-- Pictures; change_id is null until the change is asked for.
CREATE TABLE change_files (
    id $ID,
    change_id BIGINT REFERENCES changes (id),
    kind TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at $INSTANT NOT NULL,
    uploaded_by_id BIGINT NOT NULL REFERENCES users (id)
);
CREATE INDEX change_files_change ON change_files (change_id);
CREATE INDEX change_files_waiting ON change_files (uploaded_by_id, change_id);

-- 银行卡 of a member; rows are added by an approved change, and ended by one.
CREATE TABLE member_accounts (
    id $ID,
    member_id BIGINT NOT NULL REFERENCES members (id),
    account_no TEXT NOT NULL,
    bank_name TEXT NOT NULL,
    holder_name TEXT NOT NULL,
    change_id BIGINT NOT NULL REFERENCES changes (id),
    added_at $INSTANT NOT NULL,
    ended_change_id BIGINT REFERENCES changes (id)
);
CREATE INDEX member_accounts_member ON member_accounts (member_id);

-- Records that look like one person.
CREATE INDEX members_name_birth ON members (name, birth_date);
