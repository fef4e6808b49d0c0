"""What servers set up, and the outbox emptied.

In: what an admin chose, and the outbox's rows. Out: messages in channels, each once. `subscriptions` sets up,
`courier` sends and settles, `look_back` looks for what may stand there already, `posts` says what is sent. Acts,
through a `Poster` that knows Discord.
"""
