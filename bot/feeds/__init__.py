"""When and what to fetch, and what of it is entered in the store.

In: the addresses of feeds. Out: rows, one transaction a reading. `poller` asks feeds for news, `backfill` reads what
they show no more, `discovery` finds the feeds of a site, `retention` deletes. `fetch` is the only outgoing HTTP
beside Discord's, and `reader_process` has documents read. Acts.
"""
