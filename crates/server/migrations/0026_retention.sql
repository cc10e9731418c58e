-- 保管期限与清除: what was erased by which rule, what is held back, and how the logs say so.

-- A batch of what was erased at once. Its entry in 日志 (erase_records, the same id) says which rows, and what their tombstones came to.
CREATE TABLE erasures (
    id $ID,
    kind TEXT NOT NULL,
    at $INSTANT NOT NULL,
    records BIGINT NOT NULL
);

-- Contents of the store that a batch took the name from. They are removed after it, and the row with them.
CREATE TABLE erasure_files (
    sha256 TEXT PRIMARY KEY,
    erasure_id BIGINT NOT NULL REFERENCES erasures (id)
);

-- 暂不清除: a case or a member that stays, whatever the rules say, until ended_at is set.
CREATE TABLE erasure_holds (
    id $ID,
    object_kind TEXT NOT NULL CHECK (object_kind IN ('case', 'member')),
    object_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    placed_at $INSTANT NOT NULL,
    ended_at $INSTANT
);
CREATE UNIQUE INDEX erasure_holds_open ON erasure_holds (object_kind, object_id) WHERE ended_at IS NULL;

-- tombstone: the signature of an event whose words were erased; hash stays what the chain goes on from (audit/tombstones.rs).
ALTER TABLE case_events ADD COLUMN erasure_id BIGINT REFERENCES erasures (id);
ALTER TABLE case_events ADD COLUMN tombstone TEXT NOT NULL DEFAULT '';
ALTER TABLE record_events ADD COLUMN erasure_id BIGINT REFERENCES erasures (id);
ALTER TABLE record_events ADD COLUMN tombstone TEXT NOT NULL DEFAULT '';

-- The day on which something was erased; null: it wasn't.
ALTER TABLE cases ADD COLUMN pictures_erased_on $DAY;
ALTER TABLE cases ADD COLUMN records_erased_on $DAY;
ALTER TABLE cases ADD COLUMN payments_erased_on $DAY;
ALTER TABLE members ADD COLUMN erased_on $DAY;
ALTER TABLE enrolments ADD COLUMN erased_on $DAY;

-- From when a search is kept. Those of before count from this migration.
ALTER TABLE saved_searches ADD COLUMN saved_at $INSTANT;
-- only sqlite
UPDATE saved_searches SET saved_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now');
-- only postgres
UPDATE saved_searches SET saved_at = now();
-- only both
CREATE INDEX saved_searches_saved ON saved_searches (saved_at);
CREATE INDEX messages_at ON messages (at);
CREATE INDEX erasure_files_erasure ON erasure_files (erasure_id);
