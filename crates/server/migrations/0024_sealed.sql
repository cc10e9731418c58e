-- Which key personal data is sealed with (platform/seal.rs): one of them, or none yet. What stands in the columns is sealed when the
-- database is opened next, since the keys are not in here.
ALTER TABLE key_marks ADD COLUMN seals BOOLEAN NOT NULL DEFAULT FALSE;
