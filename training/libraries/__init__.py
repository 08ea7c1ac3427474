"""Dictionaries as SAELens, sparsify and dictionary_learning write them, with what these libraries compute on them."""
