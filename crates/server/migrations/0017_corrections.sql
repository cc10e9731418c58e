-- 更正, 申诉, 追回: what follows a closed case. The closed row itself never changes, so the first case of a chain doesn't know it.

-- chain_id: the first case of the chain; corrects_id: the case that this one corrects. granted_before_fen: what the chain
-- granted until then. granted_usage: what the ledger says of the chain once the correction is closed.
-- The difference that a correction pays or claims back is its benefit_fen: above zero, below zero, or nothing.
ALTER TABLE cases ADD COLUMN corrects_id BIGINT REFERENCES cases (id);
ALTER TABLE cases ADD COLUMN chain_id BIGINT REFERENCES cases (id)
    CHECK ((chain_id IS NULL) = (corrects_id IS NULL));
ALTER TABLE cases ADD COLUMN correction_reason TEXT CHECK ((correction_reason IS NULL) = (corrects_id IS NULL));
ALTER TABLE cases ADD COLUMN granted_before_fen BIGINT
    CHECK (granted_before_fen >= 0 AND (granted_before_fen IS NULL) = (corrects_id IS NULL));
ALTER TABLE cases ADD COLUMN granted_usage TEXT
    CHECK (stage <> 'payment' OR benefit_fen > 0)
    CHECK (stage <> 'recovery' OR benefit_fen < 0);

-- only sqlite: a CHECK is changed in the text of the table, as SQLite's own documentation of ALTER TABLE says.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql =
    replace(replace(replace(replace(replace(replace(sql,
        '''payment'', ''closed''', '''payment'', ''recovery'', ''closed'''),
        '''second_review'', ''payment'')', '''second_review'', ''payment'', ''recovery'')'),
        'CHECK (stage <> ''payment'' OR approved_by_id', 'CHECK (stage NOT IN (''payment'', ''recovery'') OR approved_by_id'),
        'CHECK (benefit_fen > 0)', 'CHECK (benefit_fen > 0 OR corrects_id IS NOT NULL)'),
        '''denied'', ''withdrawn'')', '''denied'', ''withdrawn'', ''corrected'', ''recovered'', ''written_off'')'),
        'outcome = ''paid'' OR close_reason', 'outcome IN (''paid'', ''corrected'', ''recovered'') OR close_reason')
    WHERE type = 'table' AND name = 'cases';
PRAGMA writable_schema = RESET;
-- only postgres
DO $$
DECLARE one RECORD; new TEXT;
BEGIN
    FOR one IN
        SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
        WHERE conrelid = 'cases'::regclass AND contype = 'c'
    LOOP
        new := one.def;
        new := replace(new, '''payment''::text, ''closed''::text', '''payment''::text, ''recovery''::text, ''closed''::text');
        new := replace(new, '''second_review''::text, ''payment''::text]', '''second_review''::text, ''payment''::text, ''recovery''::text]');
        new := replace(new, '((stage <> ''payment''::text) OR (approved_by_id', '((stage <> ALL (ARRAY[''payment''::text, ''recovery''::text])) OR (approved_by_id');
        new := replace(new, 'CHECK ((benefit_fen > 0))', 'CHECK (((benefit_fen > 0) OR (corrects_id IS NOT NULL)))');
        new := replace(new, '''withdrawn''::text]', '''withdrawn''::text, ''corrected''::text, ''recovered''::text, ''written_off''::text]');
        new := replace(new, '(outcome = ''paid''::text) OR (close_reason', '(outcome = ANY (ARRAY[''paid''::text, ''corrected''::text, ''recovered''::text])) OR (close_reason');
        IF new <> one.def THEN
            EXECUTE format('ALTER TABLE cases DROP CONSTRAINT %I', one.conname);
            EXECUTE format('ALTER TABLE cases ADD CONSTRAINT %I %s', one.conname, new);
        END IF;
    END LOOP;
END $$;
-- only both
CREATE INDEX cases_chain ON cases (chain_id);
-- One correction of a chain at a time.
CREATE UNIQUE INDEX cases_open_correction ON cases (chain_id) WHERE stage NOT IN ('closed', 'deleted');

-- 申诉 against how a case ended.
CREATE TABLE appeals (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'upheld', 'allowed', 'withdrawn')),
    version BIGINT NOT NULL,
    appellant_name TEXT NOT NULL,
    appellant_relation TEXT NOT NULL,
    appellant_phone TEXT NOT NULL,
    appealed_on $DAY NOT NULL,
    grounds TEXT NOT NULL,
    late_reason TEXT NOT NULL,
    recorded_by_id BIGINT NOT NULL REFERENCES users (id),
    recorded_at $INSTANT NOT NULL,
    decided_by_id BIGINT REFERENCES users (id),
    decided_at $INSTANT,
    decision_note TEXT NOT NULL DEFAULT '',
    correction_id BIGINT REFERENCES cases (id),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK (state NOT IN ('upheld', 'allowed') OR decided_by_id <> recorded_by_id),
    CHECK ((state = 'allowed') = (correction_id IS NOT NULL))
);
CREATE INDEX appeals_case ON appeals (case_id);
CREATE INDEX appeals_state ON appeals (state, id);
CREATE UNIQUE INDEX appeals_open ON appeals (case_id) WHERE state = 'open';

CREATE TABLE appeal_papers (
    id $ID,
    appeal_id BIGINT NOT NULL REFERENCES appeals (id),
    sha256 TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    uploaded_at $INSTANT NOT NULL,
    uploaded_by_id BIGINT NOT NULL REFERENCES users (id)
);
CREATE INDEX appeal_papers_appeal ON appeal_papers (appeal_id);

-- 追回: receipts and write-offs, and a second person's yes or no to each. Rows are only ever added.
CREATE TABLE recovery_entries (
    id $ID,
    case_id BIGINT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL CHECK (kind IN ('receipt', 'write_off')),
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    received_on $DAY,
    way TEXT,
    reference TEXT NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
    recorded_at $INSTANT NOT NULL,
    recorded_by_id BIGINT NOT NULL REFERENCES users (id),
    CHECK ((kind = 'receipt') = (received_on IS NOT NULL AND way IS NOT NULL)),
    CHECK ((kind = 'write_off') = (reason IS NOT NULL))
);
CREATE INDEX recovery_entries_case ON recovery_entries (case_id, id);
CREATE TABLE recovery_verdicts (
    entry_id BIGINT NOT NULL PRIMARY KEY REFERENCES recovery_entries (id),
    accepted BOOLEAN NOT NULL,
    note TEXT NOT NULL,
    at $INSTANT NOT NULL,
    by_id BIGINT NOT NULL REFERENCES users (id)
);
