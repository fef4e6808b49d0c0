"""The schema, as an append-only list of migrations; ``PRAGMA user_version`` counts those applied.

A released migration is never edited, and uses no code that may change later. Times are ISO 8601 text in
UTC with a fixed width, so that sorting them as text sorts them by time.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
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
        ) STRICT
        """,
        """
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
            first_seen_at TEXT NOT NULL,
            UNIQUE (feed_id, guid)
        ) STRICT
        """,
        "CREATE INDEX reviews_by_date ON reviews (coalesce(published, first_seen_at))",
        """
        CREATE TABLE sections (
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            position INTEGER NOT NULL,
            depth INTEGER NOT NULL,
            number TEXT,
            heading TEXT,
            blocks TEXT NOT NULL,
            PRIMARY KEY (review_id, position)
        ) STRICT
        """,
        """
        CREATE TABLE names (
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            uses INTEGER NOT NULL,
            PRIMARY KEY (review_id, kind, text)
        ) STRICT, WITHOUT ROWID
        """,
        # The terms are our own (bot.text.terms), joined by spaces, so the tokenizer has nothing left to decide.
        """
        CREATE VIRTUAL TABLE review_index USING fts5 (
            title, headings, abstract, body, tokenize = "unicode61 remove_diacritics 0"
        )
        """,
        """
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
        ) STRICT
        """,
        "CREATE INDEX deliveries_open ON deliveries (channel_id, id) WHERE state IN ('pending', 'sending')",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
    # What a review is found by, extracted once and stored: names sorted by the key that is compared, facets,
    # identifiers. For this, the reviews of earlier versions are read again (STRUCTURE_VERSION).
    (
        "DROP TABLE names",
        """
        CREATE TABLE names (
            key TEXT NOT NULL,
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            uses INTEGER NOT NULL,
            sounds TEXT NOT NULL,
            PRIMARY KEY (key, review_id, kind)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX names_by_review ON names (review_id)",
        """
        CREATE TABLE facets (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            text TEXT NOT NULL,
            PRIMARY KEY (kind, key, review_id, text)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX facets_by_review ON facets (review_id)",
        """
        CREATE TABLE paper_keys (
            key TEXT NOT NULL,
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            is_own INTEGER NOT NULL,
            PRIMARY KEY (key, review_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX paper_keys_by_review ON paper_keys (review_id)",
        "ALTER TABLE reviews ADD COLUMN words TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX reviews_by_structure ON reviews (structure_version)",
        "DELETE FROM review_index",
        """
        CREATE TABLE unmatched (
            query TEXT PRIMARY KEY,
            times INTEGER NOT NULL,
            last_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # The one channel of the settings becomes subscriptions, any number per server. Earlier announcements are carried
    # over, each channel as a subscription of the host.
    (
        "ALTER TABLE feeds ADD COLUMN failing_since TEXT",
        "ALTER TABLE feeds ADD COLUMN told_at TEXT",
        "ALTER TABLE reviews ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''",
        """
        CREATE TABLE aliases (
            feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
            guid TEXT NOT NULL,
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            entry_hash TEXT NOT NULL,
            why TEXT NOT NULL,
            seen_at TEXT NOT NULL,
            PRIMARY KEY (feed_id, guid)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX aliases_by_review ON aliases (review_id)",
        """
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
        ) STRICT
        """,
        "CREATE UNIQUE INDEX subscriptions_live ON subscriptions (feed_id, channel_id) WHERE state <> 'ended'",
        "CREATE INDEX subscriptions_by_guild ON subscriptions (guild_id)",
        "CREATE INDEX subscriptions_by_channel ON subscriptions (channel_id)",
        "CREATE INDEX subscriptions_by_digest ON subscriptions (digest_at) WHERE digest_at IS NOT NULL",
        """
        INSERT INTO subscriptions (feed_id, channel_id, state, created_at)
        SELECT r.feed_id, d.channel_id, 'active', min(d.created_at)
        FROM deliveries d JOIN reviews r ON r.id = d.review_id GROUP BY r.feed_id, d.channel_id
        """,
        "DROP INDEX deliveries_open",
        "ALTER TABLE deliveries RENAME TO old_deliveries",
        """
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
        ) STRICT
        """,
        """
        INSERT INTO deliveries (id, kind, subscription_id, review_id, channel_id, state, nonce, attempts, reason,
            not_before, claimed_at, message_id, message_channel_id, created_at, settled_at)
        SELECT d.id, 'post', s.id, d.review_id, d.channel_id, d.state, d.nonce, d.attempts, d.reason, d.not_before,
            d.claimed_at, d.message_id, CASE WHEN d.message_id IS NOT NULL THEN d.channel_id END, d.created_at,
            d.settled_at
        FROM old_deliveries d JOIN reviews r ON r.id = d.review_id
        JOIN subscriptions s ON s.feed_id = r.feed_id AND s.channel_id = d.channel_id
        """,
        "DROP TABLE old_deliveries",
        "CREATE UNIQUE INDEX deliveries_once ON deliveries (subscription_id, review_id) WHERE kind = 'post'",
        "CREATE INDEX deliveries_open ON deliveries (channel_id, id) WHERE state IN ('pending', 'sending')",
        "CREATE INDEX deliveries_by_review ON deliveries (review_id)",
        "CREATE INDEX deliveries_by_digest ON deliveries (digest_id) WHERE digest_id IS NOT NULL",
        "CREATE INDEX deliveries_settled ON deliveries (channel_id, settled_at) WHERE message_id IS NOT NULL",
        """
        CREATE TABLE follow_ups (
            delivery_id INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('publish', 'thread', 'edit')),
            state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
            asked INTEGER NOT NULL DEFAULT 1,
            attempts INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            not_before TEXT,
            PRIMARY KEY (delivery_id, kind)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX follow_ups_open ON follow_ups (delivery_id) WHERE state = 'pending'",
        """
        CREATE TABLE decisions (
            id INTEGER PRIMARY KEY,
            subscription_id INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
            review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            stage TEXT NOT NULL,
            detail TEXT,
            at TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX decisions_by_review ON decisions (review_id, subscription_id)",
        "CREATE INDEX decisions_by_subscription ON decisions (subscription_id)",
        "CREATE INDEX decisions_by_age ON decisions (at)",
        """
        CREATE TABLE feed_followers (
            guild_id INTEGER NOT NULL,
            feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
            user_id INTEGER NOT NULL,
            PRIMARY KEY (guild_id, feed_id, user_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE term_followers (
            guild_id INTEGER NOT NULL,
            term TEXT NOT NULL,
            user_id INTEGER NOT NULL,
            PRIMARY KEY (guild_id, term, user_id)
        ) STRICT, WITHOUT ROWID
        """,
    ),
    # Any blog: papers of a digest, posts that feeds cut, pages of archives, feeds that move or say when to ask.
    (
        "ALTER TABLE reviews ADD COLUMN part_of INTEGER REFERENCES reviews ON DELETE CASCADE",
        "ALTER TABLE reviews ADD COLUMN extent TEXT NOT NULL DEFAULT 'whole'",
        "CREATE INDEX reviews_by_part ON reviews (part_of) WHERE part_of IS NOT NULL",
        "ALTER TABLE feeds ADD COLUMN pace TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE feeds ADD COLUMN moved_to TEXT",
        "ALTER TABLE feeds ADD COLUMN moved_since TEXT",
        "ALTER TABLE feeds ADD COLUMN moved_times INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE pages (
            feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
            url TEXT NOT NULL,
            position INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
            attempts INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            PRIMARY KEY (feed_id, url)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX pages_open ON pages (feed_id, position) WHERE state = 'pending'",
    ),
    # Made safe for untrusted servers, unexpected faults and years of running.
    (
        # The commands are now compared with Discord's own list; only the application's id is kept.
        """
        INSERT INTO facts (name, value)
        SELECT 'application', substr(value, 1, instr(value, ':') - 1) FROM facts WHERE name = 'commands'
        """,
        "DELETE FROM facts WHERE name = 'commands'",
        # Nobody can be pinged in a direct message, which has no server.
        "DELETE FROM term_followers WHERE guild_id = 0",
        "DELETE FROM feed_followers WHERE guild_id = 0",
        # Unexpected failures are counted in the row that failed (bot.faults).
        "ALTER TABLE deliveries ADD COLUMN faults INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE follow_ups ADD COLUMN faults INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE subscriptions ADD COLUMN faults INTEGER NOT NULL DEFAULT 0",
        # How often an entry has changed lately, and how often that was told.
        "ALTER TABLE reviews ADD COLUMN changes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE reviews ADD COLUMN changed_at TEXT",
        "ALTER TABLE reviews ADD COLUMN revisions INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE reviews ADD COLUMN revised_at TEXT",
        # When a filter's owner was told that it takes too long.
        "ALTER TABLE subscriptions ADD COLUMN filter_told_at TEXT",
        # A message in doubt is looked for by Discord's ids, and our messages in a channel are compared with the file.
        "ALTER TABLE deliveries ADD COLUMN looks INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE deliveries ADD COLUMN claimed_after INTEGER",
        "DROP INDEX deliveries_settled",
        "CREATE INDEX deliveries_by_message ON deliveries (channel_id, message_id) WHERE message_id IS NOT NULL",
        "CREATE TABLE channel_marks (channel_id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL) STRICT",
        """
        CREATE TABLE found_messages (
            message_id INTEGER PRIMARY KEY,
            channel_id INTEGER NOT NULL,
            message_channel_id INTEGER NOT NULL,
            thread_id INTEGER,
            traits TEXT NOT NULL,
            found_at TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX found_messages_by_channel ON found_messages (channel_id)",
        # Whether Discord refused a post's content, and about which deleted role a subscription's owner was told.
        "ALTER TABLE deliveries ADD COLUMN is_plain INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE subscriptions ADD COLUMN role_told_id INTEGER",
        # How many new posts a feed brought on a day, and how many more wait for the next day.
        "ALTER TABLE feeds ADD COLUMN new_on TEXT",
        "ALTER TABLE feeds ADD COLUMN new_that_day INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE feeds ADD COLUMN left_over INTEGER NOT NULL DEFAULT 0",
        # For deleting what is no longer needed: how many days nobody has followed a feed, and when a page was read.
        "ALTER TABLE feeds ADD COLUMN unfollowed_days INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE pages ADD COLUMN settled_at TEXT",
        "CREATE INDEX deliveries_by_subscription ON deliveries (subscription_id)",
        # Replaced by failing_since.
        "ALTER TABLE feeds DROP COLUMN last_error_at",
        # Whether the last reading of a feed came from public addresses. Unknown until it is read again.
        "ALTER TABLE feeds ADD COLUMN is_public INTEGER",
        # Servers no longer get answers from other servers' feeds: one notice per server, to the owner of its first
        # subscription.
        """
        INSERT INTO deliveries (kind, subscription_id, channel_id, state, nonce, text, created_at)
        SELECT 'notice', min(id), guild_id, 'pending', lower(hex(randomblob(12))),
            'From now on, /paper, /search and /latest find reviews only from the feeds that this server follows and'
            || ' from the feeds that the host of this bot shares with all servers. Before, they also found reviews'
            || ' from other servers’ feeds. Use /help to see the feeds that are searched here. If one is missing,'
            || ' add it with /feed add.',
            strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')
        FROM subscriptions WHERE state <> 'ended' AND owner_id IS NOT NULL AND guild_id IS NOT NULL
        GROUP BY guild_id
        """,
        # Entries that could not be read, and when each is tried again; NULL if only after it has changed.
        """
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
        """,
        "CREATE INDEX pages_failed ON pages (feed_id) WHERE state = 'failed'",
    ),
    # Made to fit any author's habits.
    (
        # Recognises a text under any title. Filled in as the stored entries are read again.
        "ALTER TABLE reviews ADD COLUMN text_fingerprint TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX reviews_by_fingerprint ON reviews (fingerprint)",
        # When a feed last sent its document: some servers answer forever that nothing has changed. Set to now, so
        # that not all feeds are asked for their documents at once.
        "ALTER TABLE feeds ADD COLUMN sent_at TEXT",
        "UPDATE feeds SET sent_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')",
    ),
    # Made for cards of sections, and for servers that choose their language and are welcomed once when the bot joins.
    (
        # By which id a page leads to a heading. Filled in as the stored entries are read again.
        "ALTER TABLE sections ADD COLUMN anchor TEXT",
        # No language: the one that the locale suggests. joined_at is when the bot joined, by Discord's clock.
        """
        CREATE TABLE servers (
            guild_id INTEGER PRIMARY KEY,
            language TEXT,
            locale TEXT,
            answers_privately INTEGER NOT NULL DEFAULT 0,
            joined_at TEXT
        ) STRICT
        """,
        # The first message to a server: sent like those in deliveries, but without a subscription.
        """
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
        """,
        "CREATE INDEX welcomes_open ON welcomes (guild_id) WHERE state IN ('pending', 'sending')",
    ),
    # Made for panels that outlive a restart.
    (
        # What somebody typed or was shown to confirm: a filter, or an address with a key. The numbers are random.
        """
        CREATE TABLE pending_choices (
            number INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            text TEXT NOT NULL,
            shown_at TEXT NOT NULL,
            UNIQUE (guild_id, text)
        ) STRICT
        """,
    ),
    # Made for talk: papers that several blogs review, threads about them, passages, saved papers and wishes.
    (
        # Which reviews are about one paper. Joins by a rule hold in every server, and their guild_id is 0; those that
        # a moderator made or undid hold in that server alone.
        """
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
        """,
        "CREATE INDEX joins_by_second ON joins (second_id)",
        "CREATE INDEX joins_by_guild ON joins (guild_id) WHERE guild_id <> 0",
        # What moderators did, for their own log. No member but the one who did it, and that one can be blanked.
        """
        CREATE TABLE join_log (
            id INTEGER PRIMARY KEY,
            guild_id INTEGER NOT NULL,
            first_title TEXT NOT NULL,
            second_title TEXT NOT NULL,
            is_same INTEGER NOT NULL,
            user_id INTEGER,
            at TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX join_log_by_guild ON join_log (guild_id)",
        "CREATE INDEX join_log_by_user ON join_log (user_id) WHERE user_id IS NOT NULL",
        # What a paper's identifier means, as arXiv and others say; kept for good. No title: it is not known there, or
        # could not be asked for yet.
        """
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
        """,
        # A digest of the document that a feed's server sent last, so that the same one is not read again.
        "ALTER TABLE feeds ADD COLUMN digest TEXT",
        # Where a server talks, and what it shares. No place: under announcements.
        "ALTER TABLE servers ADD COLUMN talk_place TEXT",
        "ALTER TABLE servers ADD COLUMN talk_channel_id INTEGER",
        "ALTER TABLE servers ADD COLUMN shares_wishes INTEGER NOT NULL DEFAULT 0",
        # Whether the host's language model may be asked there.
        "ALTER TABLE servers ADD COLUMN asks_model INTEGER NOT NULL DEFAULT 1",
        # A paper's talk in a server: its thread, or its post in a forum. It belongs to the review that it was opened
        # from, or, when that has gone, to the next one with the same address.
        """
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
        """,
        "CREATE INDEX talks_by_review ON talks (review_id, guild_id)",
        "CREATE INDEX talks_by_link ON talks (link_key) WHERE review_id IS NULL",
        "CREATE INDEX talks_by_guild ON talks (guild_id)",
        "CREATE INDEX talks_by_channel ON talks (channel_id)",
        "CREATE INDEX talks_by_opener ON talks (opener_id) WHERE opener_id IS NOT NULL",
        "CREATE INDEX talks_open ON talks (guild_id) WHERE state IN ('pending', 'sending')",
        # A passage that somebody discussed or saved, by its own words and those around it.
        """
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
        """,
        "CREATE INDEX passages_by_review ON passages (review_id)",
        "CREATE INDEX passages_by_link ON passages (link_key) WHERE review_id IS NULL",
        # Messages of no subscription, sent once like those in deliveries: into talks, and to members who wished for a
        # review. kind: what it says; user_ids: the members whom it mentions. What was sent is known after its review
        # was deleted, too: the review may come back, and its quotes stand in the talk.
        """
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
        """,
        "CREATE INDEX messages_open ON messages (id) WHERE state IN ('pending', 'sending')",
        "CREATE INDEX messages_by_talk ON messages (talk_id, id)",
        "CREATE INDEX messages_to_members ON messages (id) WHERE user_ids <> '[]'",
        "CREATE INDEX messages_by_channel ON messages (channel_id) WHERE channel_id IS NOT NULL",
        "CREATE INDEX messages_by_review ON messages (review_id) WHERE review_id IS NOT NULL",
        "CREATE INDEX messages_by_passage ON messages (passage_id) WHERE passage_id IS NOT NULL",
        "CREATE INDEX messages_by_wish ON messages (wish_id) WHERE wish_id IS NOT NULL",
        # What came of a talk, as somebody submitted it. No author: the author was taken away on request.
        """
        CREATE TABLE conclusions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            talk_id INTEGER NOT NULL REFERENCES talks ON DELETE CASCADE,
            author_id INTEGER,
            text TEXT NOT NULL,
            submitted_at TEXT NOT NULL,
            edited_at TEXT
        ) STRICT
        """,
        "CREATE INDEX conclusions_by_talk ON conclusions (talk_id)",
        "CREATE INDEX conclusions_by_author ON conclusions (author_id) WHERE author_id IS NOT NULL",
        # A member's private list. guild_id 0: saved in direct messages. The rows outlive their reviews, and belong to
        # those that have their address again.
        """
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
        """,
        "CREATE INDEX saved_by_review ON saved (review_id) WHERE review_id IS NOT NULL",
        """
        CREATE TABLE saved_passages (
            saved_id INTEGER NOT NULL REFERENCES saved ON DELETE CASCADE,
            passage_id INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
            PRIMARY KEY (saved_id, passage_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX saved_passages_by_passage ON saved_passages (passage_id)",
        # Papers that members want reviewed. key: an identifier, or the title's letters.
        """
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
        """,
        "CREATE INDEX wishes_by_key ON wishes (key) WHERE closed_at IS NULL",
        "CREATE INDEX wishes_by_review ON wishes (review_id) WHERE review_id IS NOT NULL",
        """
        CREATE TABLE wish_voices (
            wish_id INTEGER NOT NULL REFERENCES wishes ON DELETE CASCADE,
            user_id INTEGER NOT NULL,
            channel_id INTEGER NOT NULL,
            asked_at TEXT NOT NULL,
            PRIMARY KEY (wish_id, user_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX wish_voices_by_user ON wish_voices (user_id)",
        # When each loop of the running bot last lived (bot.heartbeats), and what it says of itself, as JSON.
        """
        CREATE TABLE heartbeats (
            loop TEXT PRIMARY KEY,
            began_at TEXT NOT NULL,
            beat_at TEXT,
            details TEXT NOT NULL DEFAULT '{}'
        ) STRICT, WITHOUT ROWID
        """,
        # How often the host's language model was asked on one day: by a member (id), in a server (id), in all (0).
        """
        CREATE TABLE model_uses (
            scope TEXT NOT NULL CHECK (scope IN ('member', 'server', 'day')),
            id INTEGER NOT NULL,
            day TEXT NOT NULL,
            uses INTEGER NOT NULL,
            PRIMARY KEY (scope, id)
        ) STRICT, WITHOUT ROWID
        """,
        # Members whose questions may go to that model, and the host that they were shown.
        """
        CREATE TABLE model_consents (
            user_id INTEGER PRIMARY KEY,
            host TEXT NOT NULL
        ) STRICT
        """,
        # The vectors of a review's passages (bot.search.embedding), and the digest of the texts that they belong to.
        """
        CREATE TABLE embeddings (
            review_id INTEGER PRIMARY KEY REFERENCES reviews ON DELETE CASCADE,
            model TEXT NOT NULL,
            digest TEXT NOT NULL,
            vectors BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX embeddings_by_model ON embeddings (model)",
    ),
)
