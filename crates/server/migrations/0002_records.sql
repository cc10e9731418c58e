-- The records that claims live on: members, hospitals, plan versions, coverages.

-- id_number isn't unique: an existing record may be wrong or stand twice (the same person under an old number).
CREATE TABLE members (
    id $ID,
    unit_id BIGINT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    id_kind TEXT NOT NULL,
    id_number TEXT NOT NULL,
    birth_date $DAY,
    sex TEXT CHECK (sex IN ('male', 'female')),
    phone TEXT NOT NULL DEFAULT ''
);
CREATE INDEX members_id_number ON members (id_number);
CREATE INDEX members_name ON members (name);
CREATE INDEX members_unit ON members (unit_id);

CREATE TABLE hospitals (
    id $ID,
    name TEXT NOT NULL UNIQUE,
    initials TEXT NOT NULL,
    level TEXT NOT NULL,
    region TEXT NOT NULL
);
CREATE INDEX hospitals_initials ON hospitals (initials);

-- 保障活动, one row a version; the text is the plan file. Rows are only ever added.
CREATE TABLE plan_versions (
    id $ID,
    code TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    office_id BIGINT NOT NULL REFERENCES orgs (id),
    effective_from $DAY NOT NULL,
    effective_to $DAY NOT NULL,
    source TEXT NOT NULL,
    published_at $INSTANT NOT NULL,
    UNIQUE (code, office_id, version),
    CHECK (effective_from <= effective_to)
);

-- 保障区间 of a member, under the version that covers the period.
CREATE TABLE coverages (
    id $ID,
    member_id BIGINT NOT NULL REFERENCES members (id),
    unit_id BIGINT NOT NULL REFERENCES orgs (id),
    plan_version_id BIGINT NOT NULL REFERENCES plan_versions (id),
    period_from $DAY NOT NULL,
    period_to $DAY NOT NULL,
    shares INTEGER NOT NULL CHECK (shares > 0),
    renewed BOOLEAN NOT NULL,
    CHECK (period_from <= period_to)
);
CREATE INDEX coverages_member ON coverages (member_id, period_from);
CREATE INDEX coverages_unit ON coverages (unit_id);
