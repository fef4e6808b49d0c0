"""Pictures of the bot's messages as Discord shows them: ``python -m tests.pictures`` remakes `docs/pictures`.

`scenes` plays the real bot over the bundled sample and takes what it sent; `messages` and `markdown` draw that as
HTML; `page` gives it Discord's look; `browser` photographs it in a Chromium found on the machine; `png` makes the
file small.
"""
