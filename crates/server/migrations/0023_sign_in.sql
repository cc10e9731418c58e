-- When a session was last used and from where; who isn't there any more is signed out. Whoever is signed in now signs in again.
ALTER TABLE sessions ADD COLUMN seen_at $INSTANT NOT NULL DEFAULT '1970-01-01T00:00:00+00:00';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
-- None: never by themself.
ALTER TABLE users ADD COLUMN password_changed_at $INSTANT;
