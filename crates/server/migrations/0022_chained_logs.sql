-- 日志 and the events of cases are chained: each row is signed together with the one before it, and the head of each chain stands
-- elsewhere, so that a row that was changed, taken out or added shows (audit/verify.rs). The key is not in here.
CREATE TABLE key_marks (
    name TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    since $INSTANT NOT NULL
);

ALTER TABLE audit_log ADD COLUMN seq BIGINT;
ALTER TABLE audit_log ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';
ALTER TABLE audit_log ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX audit_log_seq ON audit_log (seq);
CREATE INDEX audit_log_act ON audit_log (act, id);

-- The one row is locked by whoever writes an entry, last of all that its transaction locks.
CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head VALUES (1, 0, '');

-- The last event of each case. What was written before goes on being chained to, unsigned as it is.
ALTER TABLE cases ADD COLUMN event_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN event_hash TEXT NOT NULL DEFAULT '';
UPDATE cases SET
    event_seq = COALESCE((SELECT MAX(e.seq) FROM case_events e WHERE e.case_id = cases.id), 0),
    event_hash = COALESCE((SELECT e.hash FROM case_events e WHERE e.case_id = cases.id ORDER BY e.seq DESC LIMIT 1), '');

-- The history of other records: each event is signed by itself.
ALTER TABLE record_events ADD COLUMN hash TEXT NOT NULL DEFAULT '';
