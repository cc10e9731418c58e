-- An index that begins with the outcome finds every case that was ever paid, and SQLite took it wherever an outcome was asked for.
DROP INDEX cases_closed;
-- What was claimed back: few, and listed by themselves.
CREATE INDEX cases_recovered ON cases (outcome, stage_since, id) WHERE outcome IN ('recovered', 'written_off');
