"""The Discord front end: limits, Markdown, messages, and what members can press."""
