-- The ninth schema.
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
        , failing_since TEXT, told_at TEXT, pace TEXT NOT NULL DEFAULT '{}', moved_to TEXT, moved_since TEXT, moved_times INTEGER NOT NULL DEFAULT 0, new_on TEXT, new_that_day INTEGER NOT NULL DEFAULT 0, left_over INTEGER NOT NULL DEFAULT 0, unfollowed_days INTEGER NOT NULL DEFAULT 0, is_public INTEGER, sent_at TEXT, digest TEXT) STRICT
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
        , talk_place TEXT, talk_channel_id INTEGER, shares_wishes INTEGER NOT NULL DEFAULT 0, asks_model INTEGER NOT NULL DEFAULT 1) STRICT
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
CREATE TABLE joins (
            guild_id INTEGER NOT NULL,
            first_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            second_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            is_same INTEGER NOT NULL,
            reason TEXT NOT NULL,
            made_at TEXT NOT NULL,
            PRIMARY KEY (first_id, second_id, guild_id),
            CHECK (first_id < second_id)
        ) STRICT, WITHOUT ROWID
        ;
CREATE INDEX joins_by_second ON joins (second_id);
CREATE INDEX joins_by_guild ON joins (guild_id) WHERE guild_id <> 0;
CREATE TABLE join_log (
            id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            first_title TEXT NOT NULL,
            second_title TEXT NOT NULL,
            is_same INTEGER NOT NULL,
            user_id INTEGER,
            at TEXT NOT NULL
        ) STRICT
        ;
CREATE INDEX join_log_by_guild ON join_log (guild_id);
CREATE INDEX join_log_by_user ON join_log (user_id) WHERE user_id IS NOT NULL;
CREATE TABLE records (
            key TEXT PRIMARY KEY,
            title TEXT,
            authors TEXT NOT NULL DEFAULT '[]',
            year INTEGER,
            venue TEXT,
            reason TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            asked_at TEXT NOT NULL,
            not_before TEXT
        ) STRICT, WITHOUT ROWID
        ;
CREATE TABLE talks (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            review_id INTEGER REFERENCES reviews ON DELETE SET NULL,
            link_key TEXT NOT NULL,
            title TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'open', 'gone', 'failed')),
            nonce TEXT NOT NULL UNIQUE,
            attempts INTEGER NOT NULL DEFAULT 0,
            looks INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            not_before TEXT,
            claimed_at TEXT,
            claimed_after INTEGER,
            channel_id INTEGER NOT NULL,
            root_id INTEGER,
            thread_id INTEGER UNIQUE,
            opener_id INTEGER,
            created_at TEXT NOT NULL,
            opened_at TEXT,
            is_archived INTEGER NOT NULL DEFAULT 0,
            is_locked INTEGER NOT NULL DEFAULT 0,
            is_private INTEGER NOT NULL DEFAULT 0,
            messages INTEGER NOT NULL DEFAULT 0,
            last_message_id INTEGER,
            counted_at TEXT
        ) STRICT
        ;
CREATE INDEX talks_by_review ON talks (review_id, guild_id);
CREATE INDEX talks_by_link ON talks (link_key) WHERE review_id IS NULL;
CREATE INDEX talks_by_guild ON talks (guild_id);
CREATE INDEX talks_by_channel ON talks (channel_id);
CREATE INDEX talks_by_opener ON talks (opener_id) WHERE opener_id IS NOT NULL;
CREATE INDEX talks_open ON talks (guild_id) WHERE state IN ('pending', 'sending');
CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            review_id INTEGER REFERENCES reviews ON DELETE SET NULL,
            link_key TEXT NOT NULL,
            exact TEXT NOT NULL,
            prefix TEXT NOT NULL,
            suffix TEXT NOT NULL,
            headings TEXT NOT NULL,
            position INTEGER NOT NULL,
            block INTEGER NOT NULL,
            version TEXT NOT NULL,
            words TEXT NOT NULL,
            characters_before INTEGER NOT NULL,
            characters_after INTEGER NOT NULL,
            rival_percent REAL NOT NULL,
            is_only_block INTEGER NOT NULL,
            is_orphaned INTEGER NOT NULL DEFAULT 0
        ) STRICT
        ;
CREATE INDEX passages_by_review ON passages (review_id);
CREATE INDEX passages_by_link ON passages (link_key) WHERE review_id IS NULL;
CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK (kind IN ('opening', 'quote', 'opinion', 'change', 'conclusion', 'wish')),
            guild_id INTEGER NOT NULL,
            channel_id INTEGER,
            talk_id INTEGER REFERENCES talks ON DELETE CASCADE,
            review_id INTEGER REFERENCES reviews ON DELETE SET NULL,
            passage_id INTEGER REFERENCES passages ON DELETE CASCADE,
            wish_id INTEGER REFERENCES wishes ON DELETE CASCADE,
            text TEXT,
            user_ids TEXT NOT NULL DEFAULT '[]',
            state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'dropped')),
            nonce TEXT NOT NULL UNIQUE,
            attempts INTEGER NOT NULL DEFAULT 0,
            looks INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            not_before TEXT,
            claimed_at TEXT,
            claimed_as TEXT,
            claimed_after INTEGER,
            message_id INTEGER,
            created_at TEXT NOT NULL,
            settled_at TEXT
        ) STRICT
        ;
CREATE INDEX messages_open ON messages (id) WHERE state IN ('pending', 'sending');
CREATE INDEX messages_by_talk ON messages (talk_id, id);
CREATE INDEX messages_to_members ON messages (id) WHERE user_ids <> '[]';
CREATE INDEX messages_by_channel ON messages (channel_id) WHERE channel_id IS NOT NULL;
CREATE INDEX messages_by_review ON messages (review_id) WHERE review_id IS NOT NULL;
CREATE INDEX messages_by_passage ON messages (passage_id) WHERE passage_id IS NOT NULL;
CREATE INDEX messages_by_wish ON messages (wish_id) WHERE wish_id IS NOT NULL;
CREATE TABLE conclusions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            talk_id INTEGER NOT NULL REFERENCES talks ON DELETE CASCADE,
            author_id INTEGER,
            text TEXT NOT NULL,
            submitted_at TEXT NOT NULL,
            edited_at TEXT
        ) STRICT
        ;
CREATE INDEX conclusions_by_talk ON conclusions (talk_id);
CREATE INDEX conclusions_by_author ON conclusions (author_id) WHERE author_id IS NOT NULL;
CREATE TABLE saved (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id INTEGER NOT NULL,
            link_key TEXT NOT NULL,
            guild_id INTEGER NOT NULL,
            review_id INTEGER REFERENCES reviews ON DELETE SET NULL,
            link TEXT NOT NULL,
            title TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT '',
            saved_at TEXT NOT NULL,
            UNIQUE (user_id, link_key)
        ) STRICT
        ;
CREATE INDEX saved_by_review ON saved (review_id) WHERE review_id IS NOT NULL;
CREATE TABLE saved_passages (
            saved_id INTEGER NOT NULL REFERENCES saved ON DELETE CASCADE,
            passage_id INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
            PRIMARY KEY (saved_id, passage_id)
        ) STRICT, WITHOUT ROWID
        ;
CREATE INDEX saved_passages_by_passage ON saved_passages (passage_id);
CREATE TABLE wishes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            guild_id INTEGER NOT NULL,
            key TEXT NOT NULL,
            title TEXT NOT NULL,
            authors TEXT NOT NULL DEFAULT '[]',
            year INTEGER,
            link TEXT,
            wished_at TEXT NOT NULL,
            closed_at TEXT,
            review_id INTEGER REFERENCES reviews ON DELETE SET NULL,
            UNIQUE (guild_id, key)
        ) STRICT
        ;
CREATE INDEX wishes_by_key ON wishes (key) WHERE closed_at IS NULL;
CREATE INDEX wishes_by_review ON wishes (review_id) WHERE review_id IS NOT NULL;
CREATE TABLE wish_voices (
            wish_id INTEGER NOT NULL REFERENCES wishes ON DELETE CASCADE,
            user_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            asked_at TEXT NOT NULL,
            PRIMARY KEY (wish_id, user_id)
        ) STRICT, WITHOUT ROWID
        ;
CREATE INDEX wish_voices_by_user ON wish_voices (user_id);
CREATE TABLE heartbeats (
            loop TEXT PRIMARY KEY,
            began_at TEXT NOT NULL,
            beat_at TEXT,
            details TEXT NOT NULL DEFAULT '{}'
        ) STRICT, WITHOUT ROWID
        ;
CREATE TABLE model_uses (
            scope TEXT NOT NULL CHECK (scope IN ('member', 'server', 'day')),
            id INTEGER NOT NULL,
            day TEXT NOT NULL,
            uses INTEGER NOT NULL,
            PRIMARY KEY (scope, id)
        ) STRICT, WITHOUT ROWID
        ;
CREATE TABLE model_consents (
            user_id INTEGER PRIMARY KEY,
            host TEXT NOT NULL
        ) STRICT
        ;
CREATE TABLE embeddings (
            review_id INTEGER PRIMARY KEY REFERENCES reviews ON DELETE CASCADE,
            model TEXT NOT NULL,
            digest TEXT NOT NULL,
            vectors BLOB NOT NULL
        ) STRICT
        ;
CREATE INDEX embeddings_by_model ON embeddings (model);
