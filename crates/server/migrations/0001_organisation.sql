-- The organisation and who works in it.

-- 机构: 总会 › 办事处 › 代办处 › 参保单位. A branch is an office, an agency or a unit with all that hangs on it;
-- office_id and agency_id name the branches that a node belongs to (itself included).
CREATE TABLE orgs (
    id $ID,
    parent_id BIGINT REFERENCES orgs (id),
    kind TEXT NOT NULL CHECK (kind IN ('society', 'office', 'agency', 'unit')),
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    office_id BIGINT REFERENCES orgs (id),
    agency_id BIGINT REFERENCES orgs (id),
    active BOOLEAN NOT NULL DEFAULT TRUE,
    CHECK ((kind = 'society') = (parent_id IS NULL)),
    CHECK (kind = 'society' OR kind = 'office' OR office_id IS NOT NULL)
);
CREATE INDEX orgs_parent ON orgs (parent_id);
CREATE INDEX orgs_office ON orgs (office_id, kind);
CREATE INDEX orgs_agency ON orgs (agency_id, kind);

CREATE TABLE users (
    id $ID,
    username TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    org_id BIGINT NOT NULL REFERENCES orgs (id),
    active BOOLEAN NOT NULL DEFAULT TRUE,
    must_change_password BOOLEAN NOT NULL,
    created_at $INSTANT NOT NULL
);

CREATE TABLE user_roles (
    user_id BIGINT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
);

-- The cookie carries the token, the table its hash: a stolen database opens no session.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at $INSTANT NOT NULL,
    expires_at $INSTANT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Wrong passwords by the name that was typed, whether or not there is such a user.
CREATE TABLE sign_in_failures (
    username TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at $INSTANT NOT NULL
);

-- Administrative acts and refused attempts; rows are only ever added.
CREATE TABLE audit_log (
    id $ID,
    at $INSTANT NOT NULL,
    user_id BIGINT REFERENCES users (id),
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    result TEXT NOT NULL
);
CREATE INDEX audit_log_user ON audit_log (user_id, at);

-- The first answer to a request that may be repeated.
CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL REFERENCES users (id),
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at $INSTANT NOT NULL,
    PRIMARY KEY (user_id, key)
);
