-- 审批限额: the largest benefit that who has a role of a branch may grant alone by it; null: no limit.
ALTER TABLE roles ADD COLUMN approval_limit_fen BIGINT CHECK (approval_limit_fen >= 0);
