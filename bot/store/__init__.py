"""The cache: one SQLite file, and the only SQL of the project.

`database` opens and migrates the file. Each other module holds the queries about one noun, as functions that take a
connection: ``database.reader``, or the connection of a transaction.
"""
