-- 信息维护: the society's dictionaries. What is deactivated isn't offered any more, but stands on old statements by name.

ALTER TABLE hospitals ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE hospitals ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

CREATE TABLE banks (
    id $ID,
    name TEXT NOT NULL UNIQUE,
    short_name TEXT NOT NULL,
    initials TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX banks_initials ON banks (initials);

-- The digits that a bank's cards begin with (BIN); a prefix is one bank's. card_length and card_kind: null where not known.
CREATE TABLE bank_bins (
    prefix TEXT PRIMARY KEY,
    bank_id BIGINT NOT NULL REFERENCES banks (id),
    card_length INTEGER CHECK (card_length > 0),
    card_kind TEXT
);
CREATE INDEX bank_bins_bank ON bank_bins (bank_id, prefix);

-- 疾病分类: the code is an ICD-10 code or the society's own.
CREATE TABLE illness_classes (
    id $ID,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    initials TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX illness_classes_initials ON illness_classes (initials);
CREATE INDEX illness_classes_name ON illness_classes (name);
