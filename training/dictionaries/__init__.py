"""Top-k SAEs of the model's residual stream: training, measures, the choice of width and k."""
