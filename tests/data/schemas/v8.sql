-- The eighth schema.
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    title TEXT,
    etag TEXT,
    last_modified TEXT,
    learned_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    next_check_at TEXT
, failing_since TEXT, told_at TEXT, pace TEXT NOT NULL DEFAULT '{}', moved_to TEXT, moved_since TEXT, moved_times INTEGER NOT NULL DEFAULT 0, new_on TEXT, new_that_day INTEGER NOT NULL DEFAULT 0, left_over INTEGER NOT NULL DEFAULT 0, unfollowed_days INTEGER NOT NULL DEFAULT 0, is_public INTEGER, sent_at TEXT) STRICT
;
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
    first_seen_at TEXT NOT NULL, words TEXT NOT NULL DEFAULT '', fingerprint TEXT NOT NULL DEFAULT '', part_of INTEGER REFERENCES reviews ON DELETE CASCADE, extent TEXT NOT NULL DEFAULT 'whole', changes INTEGER NOT NULL DEFAULT 0, changed_at TEXT, revisions INTEGER NOT NULL DEFAULT 0, revised_at TEXT, text_fingerprint TEXT NOT NULL DEFAULT '',
    UNIQUE (feed_id, guid)
) STRICT
;
CREATE INDEX reviews_by_date ON reviews (coalesce(published, first_seen_at));
CREATE TABLE sections (
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    position INTEGER NOT NULL,
    depth INTEGER NOT NULL,
    number TEXT,
    heading TEXT,
    blocks TEXT NOT NULL, anchor TEXT,
    PRIMARY KEY (review_id, position)
) STRICT
;
CREATE VIRTUAL TABLE review_index USING fts5 (
    title, headings, abstract, body, tokenize = "unicode61 remove_diacritics 0"
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE names (
    key TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    uses INTEGER NOT NULL,
    sounds TEXT NOT NULL,
    PRIMARY KEY (key, review_id, kind)
) STRICT, WITHOUT ROWID
;
CREATE INDEX names_by_review ON names (review_id);
CREATE TABLE facets (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    text TEXT NOT NULL,
    PRIMARY KEY (kind, key, review_id, text)
) STRICT, WITHOUT ROWID
;
CREATE INDEX facets_by_review ON facets (review_id);
CREATE TABLE paper_keys (
    key TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    is_own INTEGER NOT NULL,
    PRIMARY KEY (key, review_id)
) STRICT, WITHOUT ROWID
;
CREATE INDEX paper_keys_by_review ON paper_keys (review_id);
CREATE INDEX reviews_by_structure ON reviews (structure_version);
CREATE TABLE unmatched (
    query TEXT PRIMARY KEY,
    times INTEGER NOT NULL,
    last_at TEXT NOT NULL
) STRICT, WITHOUT ROWID
;
CREATE TABLE aliases (
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid TEXT NOT NULL,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    entry_hash TEXT NOT NULL,
    why TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (feed_id, guid)
) STRICT, WITHOUT ROWID
;
CREATE INDEX aliases_by_review ON aliases (review_id);
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guild_id INTEGER,
    channel_id INTEGER NOT NULL,
    owner_id INTEGER,
    delivering TEXT NOT NULL DEFAULT '{}',
    digest_at TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'suspended', 'ended')),
    reason TEXT,
    told_at TEXT,
    created_at TEXT NOT NULL,
    ended_at TEXT
, faults INTEGER NOT NULL DEFAULT 0, filter_told_at TEXT, role_told_id INTEGER) STRICT
;
CREATE UNIQUE INDEX subscriptions_live ON subscriptions (feed_id, channel_id) WHERE state <> 'ended';
CREATE INDEX subscriptions_by_guild ON subscriptions (guild_id);
CREATE INDEX subscriptions_by_channel ON subscriptions (channel_id);
CREATE INDEX subscriptions_by_digest ON subscriptions (digest_at) WHERE digest_at IS NOT NULL;
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('post', 'note', 'notice')),
    subscription_id INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    review_id INTEGER REFERENCES reviews ON DELETE CASCADE,
    channel_id INTEGER NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('collected', 'pending', 'sending', 'sent', 'merged', 'failed', 'dropped')),
    nonce TEXT NOT NULL UNIQUE,
    is_digest INTEGER NOT NULL DEFAULT 0,
    digest_id INTEGER REFERENCES deliveries ON DELETE SET NULL,
    text TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    not_before TEXT,
    claimed_at TEXT,
    claimed_as TEXT,
    message_id INTEGER,
    message_channel_id INTEGER,
    thread_id INTEGER,
    created_at TEXT NOT NULL,
    settled_at TEXT
, faults INTEGER NOT NULL DEFAULT 0, looks INTEGER NOT NULL DEFAULT 0, claimed_after INTEGER, is_plain INTEGER NOT NULL DEFAULT 0) STRICT
;
CREATE UNIQUE INDEX deliveries_once ON deliveries (subscription_id, review_id) WHERE kind = 'post';
CREATE INDEX deliveries_open ON deliveries (channel_id, id) WHERE state IN ('pending', 'sending');
CREATE INDEX deliveries_by_review ON deliveries (review_id);
CREATE INDEX deliveries_by_digest ON deliveries (digest_id) WHERE digest_id IS NOT NULL;
CREATE TABLE follow_ups (
    delivery_id INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('publish', 'thread', 'edit')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    asked INTEGER NOT NULL DEFAULT 1,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    not_before TEXT, faults INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (delivery_id, kind)
) STRICT, WITHOUT ROWID
;
CREATE INDEX follow_ups_open ON follow_ups (delivery_id) WHERE state = 'pending';
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    subscription_id INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    stage TEXT NOT NULL,
    detail TEXT,
    at TEXT NOT NULL
) STRICT
;
CREATE INDEX decisions_by_review ON decisions (review_id, subscription_id);
CREATE INDEX decisions_by_subscription ON decisions (subscription_id);
CREATE INDEX decisions_by_age ON decisions (at);
CREATE TABLE feed_followers (
    guild_id INTEGER NOT NULL,
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, feed_id, user_id)
) STRICT, WITHOUT ROWID
;
CREATE TABLE term_followers (
    guild_id INTEGER NOT NULL,
    term TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    PRIMARY KEY (guild_id, term, user_id)
) STRICT, WITHOUT ROWID
;
CREATE INDEX reviews_by_part ON reviews (part_of) WHERE part_of IS NOT NULL;
CREATE TABLE pages (
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    url TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT, settled_at TEXT,
    PRIMARY KEY (feed_id, url)
) STRICT, WITHOUT ROWID
;
CREATE INDEX pages_open ON pages (feed_id, position) WHERE state = 'pending';
CREATE INDEX deliveries_by_message ON deliveries (channel_id, message_id) WHERE message_id IS NOT NULL;
CREATE TABLE channel_marks (channel_id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL) STRICT;
CREATE TABLE found_messages (
    message_id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL,
    message_channel_id INTEGER NOT NULL,
    thread_id INTEGER,
    traits TEXT NOT NULL,
    found_at TEXT NOT NULL
) STRICT
;
CREATE INDEX found_messages_by_channel ON found_messages (channel_id);
CREATE INDEX deliveries_by_subscription ON deliveries (subscription_id);
CREATE TABLE unread_entries (
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid TEXT NOT NULL,
    entry_hash TEXT NOT NULL,
    structure_version INTEGER NOT NULL,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    retry_at TEXT,
    PRIMARY KEY (feed_id, guid)
) STRICT, WITHOUT ROWID
;
CREATE INDEX pages_failed ON pages (feed_id) WHERE state = 'failed';
CREATE INDEX reviews_by_fingerprint ON reviews (fingerprint);
CREATE TABLE servers (
    guild_id INTEGER PRIMARY KEY,
    language TEXT,
    locale TEXT,
    answers_privately INTEGER NOT NULL DEFAULT 0,
    joined_at TEXT
) STRICT
;
CREATE TABLE welcomes (
    guild_id INTEGER PRIMARY KEY REFERENCES servers ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
    nonce TEXT NOT NULL UNIQUE,
    text TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    not_before TEXT,
    claimed_at TEXT,
    claimed_after INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    settled_at TEXT
) STRICT
;
CREATE INDEX welcomes_open ON welcomes (guild_id) WHERE state IN ('pending', 'sending');
CREATE TABLE pending_choices (
    number INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    shown_at TEXT NOT NULL,
    UNIQUE (guild_id, text)
) STRICT
;
