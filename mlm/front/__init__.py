"""The public functions: fit a model, ask a fit questions, predict."""
