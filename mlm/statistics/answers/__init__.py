"""The answers to the questions of a survey, and the analysis that asks them in order."""
