"""The reviews as tools for a member's own assistant (Model Context Protocol). Reads only; needs the extra `mcp`."""
