"""Drawing: cards as Discord messages or terminal text, and answers as JSON."""
