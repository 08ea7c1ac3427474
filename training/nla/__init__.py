"""The verbalizer: a pair of models that say a residual in words and make a residual of words."""
