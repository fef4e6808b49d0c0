"""The Discord front end: limits, Markdown, messages, and what a member presses."""
