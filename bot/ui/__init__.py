"""Drawing: what `cards` says, as Discord messages, as terminal text, or an answer as JSON."""
