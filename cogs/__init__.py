"""The commands, a file a topic: arguments in, one call to the service, the card out."""
