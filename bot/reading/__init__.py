"""Bytes, as a server gave them → entries.

In: a document and its media type. Out: a `ParsedFeed`, a page's entry, addresses of a sitemap, rules of a robots.txt.
`documents` reads one document to the end: `encoding` and `repair` make it readable, `feed` (or `listings`, `pages`,
`sitemaps`) takes it apart, `platforms` undoes what the platform added. `identity` and `changes` compare two versions.

Pure, bounded, and never asks the network. Documents are hostile until read, so all of it runs in the reader process
(`bot.feeds.reader_process`), where it can be stopped.
"""
