"""What the command of reports keeps, publishes and says of its making."""
