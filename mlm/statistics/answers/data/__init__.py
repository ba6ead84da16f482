"""What was analysed: levels, waves, rows."""
