"""Bytes, as a server sent them → entries.

In: a document and its media type. Out: a `ParsedFeed`, the entry of a page, the addresses in a sitemap, the rules of
a robots.txt. `documents` reads one document completely: `encoding` and `repair` make it readable, `feed` (or
`listings`, `pages`, `sitemaps`) parses it, `platforms` undoes what the platform added. `identity` and `changes`
compare two versions.

Pure, bounded, and never uses the network. Documents may be hostile, so they are read in the reader process
(`bot.feeds.reader_process`), where reading can be stopped. The bot itself uses `feed_links`, `identity`, `changes`
and `pace`, and finds the tags of an OPML file with `repair`.
"""
