-- 请假代理: who is away on which days, and who takes their cases meanwhile. ended_at: it was ended early, or never mind.
CREATE TABLE absences (
    id $ID,
    user_id BIGINT NOT NULL REFERENCES users (id),
    stand_in_id BIGINT NOT NULL REFERENCES users (id) CHECK (stand_in_id <> user_id),
    from_on $DAY NOT NULL,
    to_on $DAY NOT NULL CHECK (to_on >= from_on),
    made_by_id BIGINT NOT NULL REFERENCES users (id),
    made_at $INSTANT NOT NULL,
    ended_at $INSTANT
);
CREATE INDEX absences_stand_in ON absences (stand_in_id, to_on);
CREATE INDEX absences_user ON absences (user_id, to_on);
