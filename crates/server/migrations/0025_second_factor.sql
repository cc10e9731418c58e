-- 二次验证: the sealed secret of somebody's authenticator, empty where there is none, and the last step of time whose code was used.
ALTER TABLE users ADD COLUMN totp_secret TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
