"""Units that those of the lowest level pass through, such as classes of followed pupils."""
