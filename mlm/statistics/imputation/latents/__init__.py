"""What the categories tell of all that explains the latents behind them, before these are drawn."""
