"""What every other package here reads and writes: safetensors, tokenizers, files that are whole or not there."""
