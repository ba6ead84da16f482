"""A command as a job of a run. Layer: commands."""
