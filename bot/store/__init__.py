"""The cache: one SQLite file, and the only SQL of the project.

`database` opens and migrates the file; each other module holds the queries about one noun, as functions of a
connection: ``database.reader``, or the one a transaction gives.
"""
