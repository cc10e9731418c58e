-- What lists are read by: the newest acceptance and the last closed of a branch, in the order of the page. What is asked besides is
-- looked at in the index, so that a row is read only once it is found; a list that is counted reads none.
CREATE INDEX cases_newest ON cases (accepted_at, id, stage, outcome, claim_type, source, returned, plan_version_id);
CREATE INDEX cases_office_newest ON cases (office_id, accepted_at, id, stage, outcome, claim_type, source, returned, plan_version_id);
CREATE INDEX cases_agency_newest ON cases (agency_id, accepted_at, id, stage, outcome, claim_type, source, returned, plan_version_id);
CREATE INDEX cases_unit_newest ON cases (unit_id, accepted_at, id, stage, outcome, claim_type, source, returned, plan_version_id);
CREATE INDEX cases_last_closed ON cases (closed_at, id, stage, source, outcome);
CREATE INDEX cases_office_closed ON cases (office_id, closed_at, id, stage, source, outcome);
CREATE INDEX cases_agency_closed ON cases (agency_id, closed_at, id, stage, source, outcome);
CREATE INDEX cases_unit_closed ON cases (unit_id, closed_at, id, stage, source, outcome);
CREATE INDEX cases_computed ON cases (calculated_fen) WHERE benefit_fen IS NULL;
-- The pools: what nobody holds, or somebody does.
DROP INDEX cases_office_stage;
DROP INDEX cases_agency_stage;
DROP INDEX cases_unit_stage;
DROP INDEX cases_stage;
DROP INDEX cases_office_since;
DROP INDEX cases_stage_since;
CREATE INDEX cases_office_stage ON cases (office_id, stage, accepted_at, id, holder_id, claim_type);
CREATE INDEX cases_agency_stage ON cases (agency_id, stage, accepted_at, id, holder_id, claim_type);
CREATE INDEX cases_unit_stage ON cases (unit_id, stage, accepted_at, id, holder_id, claim_type);
CREATE INDEX cases_stage ON cases (stage, accepted_at, id, holder_id, claim_type);
-- What waits for somebody, longest first: open cases alone, two of a hundred.
CREATE INDEX cases_open ON cases (stage_since, id, stage, holder_id, clock_stopped, returned) WHERE stage NOT IN ('closed', 'deleted');
CREATE INDEX cases_office_open ON cases
    (office_id, stage_since, id, stage, holder_id, entered_by_id, corrects_id, accepted_by_id, clock_stopped, returned)
    WHERE stage NOT IN ('closed', 'deleted');
CREATE INDEX cases_agency_open ON cases
    (agency_id, stage_since, id, stage, holder_id, entered_by_id, corrects_id, accepted_by_id, clock_stopped, returned)
    WHERE stage NOT IN ('closed', 'deleted');
CREATE INDEX cases_unit_open ON cases
    (unit_id, stage_since, id, stage, holder_id, entered_by_id, corrects_id, accepted_by_id, clock_stopped, returned)
    WHERE stage NOT IN ('closed', 'deleted');
CREATE INDEX cases_newest_open ON cases (accepted_at, id, stage, claim_type, source, returned, holder_id)
    WHERE stage NOT IN ('closed', 'deleted');
-- 日志 of one thing.
CREATE INDEX audit_log_object ON audit_log (object, id);
-- Replaced by these.
DROP INDEX cases_closed_at;
DROP INDEX cases_to_pay;
