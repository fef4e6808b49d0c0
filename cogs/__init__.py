"""The slash commands, one file per topic: read the arguments, call the service once, send the card."""
