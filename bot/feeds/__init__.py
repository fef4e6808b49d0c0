"""When and what to fetch, and what of it is saved in the store.

In: the addresses of feeds. Out: rows, one transaction per reading. `poller` asks feeds for news, `backfill` reads
what they no longer show, `discovery` finds the feeds of a site, `retention` deletes. `fetch` is the only outgoing
HTTP apart from Discord's, and `reader_process` reads documents in a separate process. Acts.
"""
