-- 单点登录: who somebody is to the identity provider, empty until they came from it for the first time; and whether a session came from it.
ALTER TABLE users ADD COLUMN sign_on TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX users_sign_on ON users (sign_on) WHERE sign_on <> '';
ALTER TABLE sessions ADD COLUMN sign_on BOOLEAN NOT NULL DEFAULT FALSE;
