-- What reviewers ask for, cut and answer.

-- 补正: what was missing when a case went back to 材料上传, one round a return. kind: of the plan's papers; null where it isn't one.
CREATE TABLE supplements (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    round INTEGER NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT,
    what TEXT NOT NULL,
    asked_by_id BIGINT NOT NULL REFERENCES users (id),
    asked_at $INSTANT NOT NULL,
    due_on $DAY,
    answer TEXT NOT NULL DEFAULT '',
    answered_by_id BIGINT REFERENCES users (id),
    answered_at $INSTANT,
    UNIQUE (case_id, round, position)
);

-- 核减: what a reviewer took off a statement as it was submitted. Rows are only ever added; withdraws_id: this row takes that one
-- back. submission: which 申领提交 it is about; statement: from 0; before_fen, after_fen: the 互助金额.
CREATE TABLE reductions (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    submission INTEGER NOT NULL,
    statement INTEGER NOT NULL,
    part TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    before_fen BIGINT NOT NULL,
    after_fen BIGINT NOT NULL,
    made_by_id BIGINT NOT NULL REFERENCES users (id),
    made_at $INSTANT NOT NULL,
    withdraws_id BIGINT UNIQUE REFERENCES reductions (id)
);
CREATE INDEX reductions_case ON reductions (case_id);

-- What reviewers say to the warnings of a case; the last one of a person at a stage counts. statement: from 1, null: the case.
CREATE TABLE warning_answers (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    submission INTEGER NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    statement INTEGER,
    accepted BOOLEAN NOT NULL,
    words TEXT NOT NULL,
    by_id BIGINT NOT NULL REFERENCES users (id),
    at $INSTANT NOT NULL
);
CREATE INDEX warning_answers_case ON warning_answers (case_id);

-- adjust: a reduction, or one that is taken back, changes what 申领提交 reserved.
-- only sqlite: a CHECK is changed in the text of the table, as SQLite's own documentation of ALTER TABLE says.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''reserve'', ''release''', '''reserve'', ''adjust'', ''release''')
    WHERE type = 'table' AND name = 'usage_entries';
PRAGMA writable_schema = RESET;
-- only postgres
ALTER TABLE usage_entries DROP CONSTRAINT usage_entries_kind_check;
ALTER TABLE usage_entries ADD CONSTRAINT usage_entries_kind_check
    CHECK (kind IN ('reserve', 'adjust', 'release', 'settle'));
-- only both
