-- 公告, their read marks, and searches that somebody keeps; and what the searches of 信息查询 look for.

-- A node tells its branch something. What was published isn't edited: it is withdrawn, and written anew.
CREATE TABLE notices (
    id $ID,
    org_id BIGINT NOT NULL REFERENCES orgs (id),
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    shown_from $DAY NOT NULL,
    shown_to $DAY,
    pinned BOOLEAN NOT NULL,
    author_id BIGINT NOT NULL REFERENCES users (id),
    published_at $INSTANT NOT NULL,
    withdrawn_at $INSTANT,
    withdrawn_by_id BIGINT REFERENCES users (id),
    CHECK (shown_to IS NULL OR shown_from <= shown_to)
);
CREATE INDEX notices_org ON notices (org_id, published_at);
-- A second click publishes nothing twice.
CREATE UNIQUE INDEX notices_once ON notices (org_id, title, shown_from) WHERE withdrawn_at IS NULL;

CREATE TABLE notice_reads (
    notice_id BIGINT NOT NULL REFERENCES notices (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    read_at $INSTANT NOT NULL,
    PRIMARY KEY (user_id, notice_id)
);

-- The filter is a JSON object in the words of the page's search.
CREATE TABLE saved_searches (
    id $ID,
    user_id BIGINT NOT NULL REFERENCES users (id),
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    filter TEXT NOT NULL,
    UNIQUE (user_id, page, name)
);

CREATE INDEX messages_newest ON messages (user_id, at);
CREATE INDEX cases_accepted_on ON cases (accepted_on);
CREATE INDEX cases_closed_at ON cases (closed_at);
CREATE INDEX cases_accepted_by ON cases (accepted_by_id);
CREATE INDEX cases_entered_by ON cases (entered_by_id);
CREATE INDEX cases_closed_by ON cases (closed_by_id);
CREATE INDEX cases_benefit ON cases (benefit_fen);
CREATE INDEX coverages_period ON coverages (period_from, period_to);
CREATE INDEX plan_versions_code ON plan_versions (code);
