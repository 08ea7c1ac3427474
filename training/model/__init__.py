"""The language model: its network, training, folder, sampling and held-out figures."""
