"""The texts: splits, generated domains, the tokenizer's training, batches. What is held out is decided here."""
