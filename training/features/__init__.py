"""What is shown of every feature of the dictionaries: texts that the model writes, snippets, labels by rule."""
