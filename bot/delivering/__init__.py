"""Setting up what servers follow, and emptying the outbox.

In: what an admin chose, and the outbox's rows. Out: messages in channels, each once. `subscriptions` sets up,
`courier` sends and settles, `look_back` looks for messages that may be there already, `posts` says what is sent.
Acts, through a `Poster` that knows Discord.
"""
