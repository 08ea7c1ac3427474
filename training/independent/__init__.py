"""Another implementation, llama.cpp, on the same model."""
