"""Which posts are announced, where, when and how: pure decisions, the effects are the courier's."""
