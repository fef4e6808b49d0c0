-- The second schema: what a review is found by is drawn from it once and kept ready.
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    title TEXT,
    etag TEXT,
    last_modified TEXT,
    learned_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    last_error_at TEXT,
    next_check_at TEXT
) STRICT;
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid TEXT NOT NULL,
    entry_hash TEXT NOT NULL,
    structure_version INTEGER NOT NULL,
    entry TEXT NOT NULL,
    link TEXT NOT NULL,
    title TEXT NOT NULL,
    clean_title TEXT NOT NULL,
    venue TEXT,
    year INTEGER,
    short_name TEXT,
    authors TEXT NOT NULL,
    identifiers TEXT NOT NULL,
    links TEXT NOT NULL,
    categories TEXT NOT NULL,
    published TEXT,
    updated TEXT,
    characters INTEGER NOT NULL,
    first_seen_at TEXT NOT NULL, words TEXT NOT NULL DEFAULT '',
    UNIQUE (feed_id, guid)
) STRICT;
CREATE INDEX reviews_by_date ON reviews (coalesce(published, first_seen_at));
CREATE TABLE sections (
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    position INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    number TEXT,
    heading TEXT,
    blocks TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
) STRICT;
CREATE VIRTUAL TABLE review_index USING fts5 (
    title, headings, abstract, body, tokenize = "unicode61 remove_diacritics 0"
);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    channel_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
    nonce TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    not_before TEXT,
    claimed_at TEXT,
    message_id INTEGER,
    created_at TEXT NOT NULL,
    settled_at TEXT,
    UNIQUE (review_id, channel_id)
) STRICT;
CREATE INDEX deliveries_open ON deliveries (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE names (
    key TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    uses INTEGER NOT NULL,
    sounds TEXT NOT NULL,
    PRIMARY KEY (key, review_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX names_by_review ON names (review_id);
CREATE TABLE facets (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    text TEXT NOT NULL,
    PRIMARY KEY (kind, key, review_id, text)
) STRICT, WITHOUT ROWID;
CREATE INDEX facets_by_review ON facets (review_id);
CREATE TABLE paper_keys (
    key TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    is_own INTEGER NOT NULL,
    PRIMARY KEY (key, review_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX paper_keys_by_review ON paper_keys (review_id);
CREATE INDEX reviews_by_structure ON reviews (structure_version);
CREATE TABLE unmatched (
    query TEXT PRIMARY KEY,
    times INTEGER NOT NULL,
    last_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
