"""Jobs that do a part of what another adds up: files, rows, waves. Layer: commands."""
