-- A change is found by its member's unit, as that is placed now; the branch as of the asking was read by nothing.
DROP INDEX changes_office;
DROP INDEX changes_agency;
ALTER TABLE changes DROP COLUMN office_id;
ALTER TABLE changes DROP COLUMN agency_id;
CREATE INDEX changes_state ON changes (state, id);

-- attempts: how often a process began to judge the rows; enrolments.lease_until: until when it is believed to be alive, and its mark.
ALTER TABLE enrolments ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
