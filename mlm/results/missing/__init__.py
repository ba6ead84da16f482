"""What is concluded about missing values and their imputations."""
