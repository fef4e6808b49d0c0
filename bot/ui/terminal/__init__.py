"""The terminal front end: cards as text, answers as JSON, and `nonmun chat`."""
