-- 机构维护, 用户与角色: what their lists are searched by.

-- One unit in use has a 统一社会信用代码, whoever is quicker.
CREATE UNIQUE INDEX orgs_credit_code_once ON orgs (credit_code) WHERE kind = 'unit' AND active AND credit_code <> '';
CREATE INDEX orgs_parent_code ON orgs (parent_id, code);
CREATE INDEX users_name ON users (name);
CREATE INDEX user_roles_role ON user_roles (role);
ALTER TABLE users ADD COLUMN last_sign_in_at $INSTANT;
