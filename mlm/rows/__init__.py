"""The rows room: everything that sees a single row of a survey."""
