"""The host's language model, asked about an answer within limits. Acts; loaded only if the host named one."""
