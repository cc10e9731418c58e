-- 申领复审: who approved at 申领初审, and what a branch asks of its reviews.

ALTER TABLE orgs ADD COLUMN review_share INTEGER NOT NULL DEFAULT 0 CHECK (review_share BETWEEN 0 AND 10000);
ALTER TABLE cases ADD COLUMN reviewed_by_id BIGINT REFERENCES users (id)
    CHECK (stage <> 'second_review' OR reviewed_by_id IS NOT NULL);

-- Every CHECK that names first_review goes for second_review too.
-- only sqlite: a CHECK is changed in the text of the table, as SQLite's own documentation of ALTER TABLE says.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''first_review''', '''first_review'', ''second_review''')
    WHERE type = 'table' AND name = 'cases';
PRAGMA writable_schema = RESET;
-- only postgres
DO $$
DECLARE one RECORD;
BEGIN
    FOR one IN
        SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
        WHERE conrelid = 'cases'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%''first_review''%'
    LOOP
        EXECUTE format('ALTER TABLE cases DROP CONSTRAINT %I', one.conname);
        EXECUTE format('ALTER TABLE cases ADD CONSTRAINT %I %s', one.conname,
            replace(one.def, '''first_review''::text', '''first_review''::text, ''second_review''::text'));
    END LOOP;
END $$;
-- only both
