"""What a check of a survey tries out."""
