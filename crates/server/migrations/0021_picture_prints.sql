-- Pictures that show the same (pictures/print.rs). A print has eight parts (bands); one near to it has one of them at least.
CREATE TABLE picture_prints (
    id $ID,
    sha256 TEXT NOT NULL UNIQUE,
    print TEXT NOT NULL
);
CREATE TABLE picture_bands (
    band BIGINT NOT NULL,
    print_id BIGINT NOT NULL REFERENCES picture_prints (id),
    PRIMARY KEY (band, print_id)
-- only sqlite
) WITHOUT ROWID;
-- only postgres
);
-- only both

-- Both ways round, and each with itself.
CREATE TABLE picture_alikes (
    sha256 TEXT NOT NULL,
    other_sha256 TEXT NOT NULL,
    PRIMARY KEY (sha256, other_sha256)
);
