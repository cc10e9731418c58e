-- 统计: the days that figures are counted by, each written once with the act that it belongs to, and what they are found by.

ALTER TABLE cases ADD COLUMN submitted_on $DAY;
ALTER TABLE cases ADD COLUMN returned_on $DAY;
ALTER TABLE cases ADD COLUMN closed_on $DAY;
-- only sqlite
UPDATE cases SET
    submitted_on = (SELECT date(min(e.at), '+8 hours') FROM case_events e WHERE e.case_id = cases.id AND e.kind = 'submit'),
    returned_on = (SELECT date(min(e.at), '+8 hours') FROM case_events e WHERE e.case_id = cases.id AND e.kind = 'return'),
    closed_on = date(closed_at, '+8 hours');
-- only postgres
UPDATE cases SET
    submitted_on = (SELECT (min(e.at) AT TIME ZONE 'Asia/Shanghai')::date FROM case_events e
        WHERE e.case_id = cases.id AND e.kind = 'submit'),
    returned_on = (SELECT (min(e.at) AT TIME ZONE 'Asia/Shanghai')::date FROM case_events e
        WHERE e.case_id = cases.id AND e.kind = 'return'),
    closed_on = (closed_at AT TIME ZONE 'Asia/Shanghai')::date;
-- only both
CREATE INDEX cases_submitted_on ON cases (submitted_on);
CREATE INDEX cases_returned_on ON cases (returned_on) WHERE returned_on IS NOT NULL;
CREATE INDEX cases_closed_on ON cases (closed_on, outcome);
CREATE INDEX cases_coverage ON cases (coverage_id, outcome);
CREATE INDEX case_events_actor_at ON case_events (actor_id, at, case_id);
