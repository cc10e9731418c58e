-- The ground of the records: what an office keeps about nodes, people and coverages, and the history of all of it.

-- 机构维护. review_limit_fen: what a first review of this branch may decide alone; null for no limit.
ALTER TABLE orgs ADD COLUMN credit_code TEXT NOT NULL DEFAULT '';
ALTER TABLE orgs ADD COLUMN contact_name TEXT NOT NULL DEFAULT '';
ALTER TABLE orgs ADD COLUMN contact_phone TEXT NOT NULL DEFAULT '';
ALTER TABLE orgs ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE orgs ADD COLUMN headcount INTEGER CHECK (headcount >= 0);
ALTER TABLE orgs ADD COLUMN review_limit_fen BIGINT CHECK (review_limit_fen >= 0);
ALTER TABLE orgs ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX orgs_credit_code ON orgs (credit_code);
CREATE INDEX orgs_name ON orgs (name);

-- Roles as ticked rights, beside the built-in ones, of the branch that made them.
CREATE TABLE roles (
    id $ID,
    org_id BIGINT NOT NULL REFERENCES orgs (id),
    name TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (org_id, name)
);
CREATE TABLE role_rights (
    role_id BIGINT NOT NULL REFERENCES roles (id),
    permission TEXT NOT NULL,
    PRIMARY KEY (role_id, permission)
);
CREATE TABLE user_own_roles (
    user_id BIGINT NOT NULL REFERENCES users (id),
    role_id BIGINT NOT NULL REFERENCES roles (id),
    PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_own_roles_role ON user_own_roles (role_id);
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX users_org ON users (org_id, active);

-- A member record that stands for another one (合并) keeps its rows; merged_into_id leads to the record that counts.
ALTER TABLE members ADD COLUMN employment TEXT NOT NULL DEFAULT 'active' CHECK (employment IN ('active', 'retired'));
ALTER TABLE members ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN enrolment_id BIGINT;
ALTER TABLE members ADD COLUMN merged_into_id BIGINT REFERENCES members (id);
CREATE INDEX members_phone ON members (phone);
CREATE INDEX members_enrolment ON members (enrolment_id, id_number);
CREATE INDEX members_merged ON members (merged_into_id);

-- pending: enrolled, the fee hasn't arrived; active: in force for its period; void: never came into force or was ended whole.
ALTER TABLE coverages ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('pending', 'active', 'void'));
ALTER TABLE coverages ADD COLUMN enrolment_id BIGINT;
CREATE INDEX coverages_enrolment ON coverages (enrolment_id);
CREATE INDEX coverages_plan ON coverages (plan_version_id, period_from);

-- What happened to a record that isn't a case: who changed what, when, why. Rows are only ever added.
-- object_kind: org, user, role, member, hospital, bank, illness_class, enrolment, change, notice.
CREATE TABLE record_events (
    id $ID,
    object_kind TEXT NOT NULL,
    object_id BIGINT NOT NULL,
    act TEXT NOT NULL,
    actor_id BIGINT REFERENCES users (id),
    at $INSTANT NOT NULL,
    reason TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL
);
CREATE INDEX record_events_object ON record_events (object_kind, object_id, id);

-- In-app messages: an event that concerns one person. The sentence comes from kind and args.
CREATE TABLE messages (
    id $ID,
    user_id BIGINT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    args TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BIGINT NOT NULL,
    at $INSTANT NOT NULL,
    read_at $INSTANT
);
CREATE INDEX messages_user ON messages (user_id, read_at, id);
